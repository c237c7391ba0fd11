"""Clusters that the kit did not make."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.clusters import existing
from kitctl.errors import ExitCode, KitError
from kitctl.tools.process import Result


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record kubectl's command lines; no cluster answers."""
    calls: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Result:
        calls.append(argv)
        return Result(1, "", "connection refused")

    monkeypatch.setattr(existing, "run", run)
    monkeypatch.setattr(existing, "tool", lambda name: Path("/bin") / name)
    return calls


def test_context_and_kubeconfig_reach_kubectl(asked: list[list[str]]) -> None:
    assert existing.cluster("prod", Path("/k")).exists() is False
    assert asked[0][:5] == ["/bin/kubectl", "--context", "prod", "--kubeconfig", "/k"]


def test_creating_refuses_where_nothing_answers(asked: list[list[str]]) -> None:
    with pytest.raises(KitError) as caught:
        existing.cluster("prod").create(lambda _: None)
    assert (caught.value.id, caught.value.code) == ("cluster-not-answering", ExitCode.UNREACHABLE)
    assert asked


def test_it_is_never_deleted() -> None:
    with pytest.raises(KitError) as caught:
        existing.cluster("prod").delete(lambda _: None)
    assert caught.value.id == "cluster-not-ours"


def test_images_are_pushed_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        existing.cluster("prod").load_image("a/b:1", tmp_path / "a.tar", lambda _: None)
    assert caught.value.id == "image-load-unsupported"
    assert "push" in caught.value.fix
    assert existing.cluster("prod").has_image("a/b:1") is False
