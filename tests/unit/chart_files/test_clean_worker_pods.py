"""clean_worker_pods.py: finished pods of this release go, all others stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clean_worker_pods(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("clean_worker_pods")


def stamp(ago: timedelta) -> str:
    return (NOW - ago).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(name: str, phase: str, ago: timedelta, *, ended: bool = True, **metadata: Any) -> dict[str, Any]:
    """Return a pod that was made ten hours before it ended."""
    status: dict[str, Any] = {"phase": phase}
    if ended:
        status["containerStatuses"] = [{"name": "base", "state": {"terminated": {"finishedAt": stamp(ago)}}}]
    meta = {"name": name, "uid": f"uid-{name}", "creationTimestamp": stamp(ago + 10 * HOUR), **metadata}
    return {"metadata": meta, "status": status}


class Api:
    """A Kubernetes API with pods, in pages of two."""

    def __init__(self, *pods: dict[str, Any]) -> None:
        self.pods = {p["metadata"]["name"]: p for p in pods}
        self.selectors: set[str] = set()
        self.refuses: dict[str, int] = {}

    def __call__(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        if method == "GET":
            if "GET" in self.refuses:
                return self.refuses["GET"], {"message": "no"}
            query = {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()}
            self.selectors.add(query["labelSelector"])
            start, listed = int(query.get("continue", 0)), list(self.pods.values())
            more = str(start + 2) if start + 2 < len(listed) else ""
            return 200, {"items": listed[start : start + 2], "metadata": {"continue": more}}
        name = path.rpartition("/")[2]
        if name in self.refuses:
            return self.refuses[name], {"message": "no"}
        assert body
        assert body["preconditions"] == {"uid": f"uid-{name}"}
        del self.pods[name]
        return 200, {}


def test_finished_pods_go_and_all_others_stay(
    clean_worker_pods: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    api = Api(
        pod("done", "Succeeded", 2 * HOUR),
        pod("failed", "Failed", 2 * HOUR),
        pod("evicted", "Failed", 2 * HOUR, ended=False),
        pod("just-done", "Succeeded", HOUR / 2),
        pod("runs", "Running", 2 * HOUR, ended=False),
        pod("waits", "Pending", 2 * HOUR, ended=False),
        pod("goes-already", "Succeeded", 2 * HOUR, deletionTimestamp=stamp(HOUR)),
    )
    said = clean_worker_pods.clean(api, "tasks", "a=b", HOUR)
    assert set(api.pods) == {"just-done", "runs", "waits", "goes-already"}
    assert said == "3 of 7 worker pods in tasks were left over, and are deleted"
    assert api.selectors == {"a=b"}
    assert "deleted failed: Failed since" in capsys.readouterr().out


def test_failed_pods_stay_where_they_are_kept_for_people(clean_worker_pods: ModuleType) -> None:
    api = Api(pod("done", "Succeeded", 2 * HOUR), pod("failed", "Failed", 2 * HOUR))
    clean_worker_pods.clean(api, "tasks", "a=b", HOUR, failed=False)
    assert set(api.pods) == {"failed"}


def test_the_age_counts_from_the_end_of_the_last_container(clean_worker_pods: ModuleType) -> None:
    one = pod("sidecar", "Succeeded", 2 * HOUR)
    late = {"name": "proxy", "state": {"terminated": {"finishedAt": stamp(HOUR / 4)}}}
    one["status"]["initContainerStatuses"] = [late]
    assert not clean_worker_pods.left_over(one, NOW, HOUR)


@pytest.mark.parametrize("status", [404, 409])
def test_a_pod_that_is_gone_or_another_by_now_is_no_error(clean_worker_pods: ModuleType, status: int) -> None:
    api = Api(pod("one", "Succeeded", 2 * HOUR), pod("two", "Succeeded", 2 * HOUR))
    api.refuses["one"] = status
    assert clean_worker_pods.clean(api, "tasks", "a=b", HOUR).startswith("1 of 2")


@pytest.mark.parametrize("what", ["GET", "one"])
def test_a_refusal_is_told(
    clean_worker_pods: ModuleType, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = Api(pod("one", "Succeeded", 2 * HOUR))
    api.refuses[what] = 403
    monkeypatch.setattr(clean_worker_pods, "kubernetes_api", lambda: api)
    monkeypatch.setenv("KIT_NAMESPACE", "tasks")
    monkeypatch.setenv("KIT_SELECTOR", "a=b")
    assert clean_worker_pods.main(["--minutes", "60"]) == 1
    assert "ERROR: Kubernetes answered 403" in capsys.readouterr().err


def test_without_a_selector_nothing_goes(clean_worker_pods: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="KIT_SELECTOR"):
        clean_worker_pods.clean(Api(pod("one", "Succeeded", 2 * HOUR)), "tasks", "", HOUR)


def test_an_api_that_does_not_answer_yet_is_asked_again(
    clean_worker_pods: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([OSError("refused"), None])

    def api() -> Api:
        if error := next(answers):
            raise error
        return Api()

    monkeypatch.setattr(clean_worker_pods, "kubernetes_api", api)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("KIT_NAMESPACE", "tasks")
    monkeypatch.setenv("KIT_SELECTOR", "a=b")
    assert clean_worker_pods.main(["--minutes", "60"]) == 0
