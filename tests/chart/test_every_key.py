"""Every key of the model changes what Helm renders: a key that nothing reads would be a promise that nobody keeps."""

from __future__ import annotations

import re
import subprocess
import typing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from typing import Any

import yaml

from kitctl.generate.walk import Key, every_key, keys_of
from kitctl.model.values.celery import CeleryGroup
from kitctl.model.values.dags import Bundle
from kitctl.model.values.doors import IngressTls
from kitctl.model.values.objects import Claim
from kitctl.model.values.workload import PodDisruptionBudget, Probe, ServiceAccount
from kitctl.model.versions import pin
from kitctl.tools.toolbox import tool
from tests.chart.other_values import ALONG, BY_KIND, INSTEAD, NEEDS, REPO, Values
from tests.chart.release import CHART


@dataclass(frozen=True)
class Case:
    """One key with what it needs and its other value.

    Attributes:
        key: Its dotted path.
        base: Values without which the key means nothing.
        other: Those, with another value of the key.
        token: A word that only this other value holds; "" where it is a bool or one of a list of words.
    """

    key: str
    base: Values
    other: Values
    token: str = ""


def cases() -> list[Case]:
    """Return a case for every leaf key, those of list entries and optional sections included."""
    claim = Claim().model_dump(by_alias=True, mode="json")
    keys = [key for key in every_key() if key.section is None]
    keys += keys_of(Claim, claim, ("dags", "bundle", "cache"))
    return [
        *(_case(key, number) for number, key in enumerate(keys, 1000)),
        *_bundle_cases(),
        *_group_cases(),
        *_tls_cases(),
    ]


def _case(key: Key, number: int) -> Case:
    base: Values = {}
    for prefix, needed in sorted(NEEDS.items()):
        if key.dotted.startswith(prefix):
            base = merge(base, needed)
    value, token = other(key, number)
    changed = merge(ALONG.get(key.dotted, {}), nest(key.path, value))
    return Case(key.dotted, base, merge(base, changed), token)


def _bundle_cases() -> Iterator[Case]:
    """Vary each key of one bundle; credentials only mean something with their type."""
    app = {"type": "github-app", "secret": "creds", "githubAppId": "1", "githubInstallationId": "2"}
    full = {"name": "team", "repo": REPO, "credentials": app}
    ssh = {"name": "team", "repo": "git@git.example.com:dags.git", "credentials": {"type": "ssh", "secret": "creds"}}
    plain = Bundle().model_dump(by_alias=True, mode="json")
    for key in keys_of(Bundle, plain, ("dags.bundle.items[]",)):
        for leaf in keys_of(key.section, key.default, key.path) if key.section else [key]:
            start = ssh if leaf.name == "strictHostKey" else full
            value = (
                "https"
                if leaf.name == "type"
                else INSTEAD.get(f"dags.git.{'.'.join(leaf.path[1:])}", other(leaf, 900)[0])
            )
            yield Case(leaf.dotted, bundle(start), bundle(merge(start, nest(leaf.path[1:], value))))


def _group_cases() -> Iterator[Case]:
    """Vary each key of one group of Celery workers."""
    sections = {"service_account": ServiceAccount(), "pod_disruption_budget": PodDisruptionBudget()}
    probes = {"startup_probe": Probe(), "liveness_probe": Probe()}
    plain = CeleryGroup(**sections, **probes).model_dump(by_alias=True, mode="json")
    base = {"replicas": 2, "serviceAccount": {"name": "own"}}
    for number, key in enumerate(keys_of(CeleryGroup, plain, ("workers.celery.groups[]",)), 2000):
        for leaf in keys_of(key.section, key.default, key.path) if key.section else [key]:
            new = nest(leaf.path[1:], other(leaf, number)[0])
            yield Case(leaf.dotted, group(base), group(merge(base, new)))


def _tls_cases() -> Iterator[Case]:
    """Vary each key of one certificate of an Ingress with two hosts."""
    plain = IngressTls().model_dump(by_alias=True, mode="json")
    for number, key in enumerate(keys_of(IngressTls, plain, ("ingress.ui.tls[]",)), 3000):
        yield Case(key.dotted, certificate({}), certificate({key.name: other(key, number)[0]}))


def certificate(more: Values) -> Values:
    """Return the values of an Ingress with one certificate."""
    own = {"enabled": True, "hosts": ["a.example.com", "b.example.com"], "tls": [{"secretName": "one", **more}]}
    return {"ingress": {"ui": own}}


def group(more: Values) -> Values:
    """Return the values of a release with one group of Celery workers."""
    groups = [{"name": "big", "queues": ["big"], **more}]
    return {"executors": ["CeleryExecutor"], "workers": {"celery": {"groups": groups}}}


def bundle(item: Values) -> Values:
    return {"dags": {"mode": "bundle", "bundle": {"items": [item]}}}


def other(key: Key, number: int) -> tuple[Any, str]:
    """Return another value than the default, and the word by which to find it."""
    if key.dotted in INSTEAD:
        return INSTEAD[key.dotted], ""
    if isinstance(key.default, bool):
        return not key.default, ""
    if key.name == "automountServiceAccountToken":
        # These call the Kubernetes API, so they have the token unless somebody says otherwise.
        return key.path[0] not in ("apiServer", "scheduler", "keys") and key.path[:2] != ("workers", "cleanup"), ""
    if isinstance(key.default, int):
        return number + 60000, str(number + 60000)
    kind = BY_KIND[key.kubernetes] if key.kubernetes else by_type(key.field.annotation, key.default, key.name)
    value = yaml.safe_load(yaml.safe_dump(kind).replace("%d", str(number)))
    text = yaml.safe_dump(value)
    return value, next((t for t in (f"kit{number}x", f"{number}Gi") if t in text), "")


def by_type(kind: Any, default: Any, name: str) -> Any:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        marks = [m.json_schema_extra for m in args[1:] if isinstance(getattr(m, "json_schema_extra", None), dict)]
        return (
            BY_KIND[marks[0]["kubernetes"]] if marks and "kubernetes" in marks[0] else by_type(args[0], default, name)
        )
    if origin is typing.Literal:
        return next(value for value in args if value not in (default, ""))
    if origin is list:
        return [by_type(args[0], None, name)]
    if origin is dict:
        return {"kit%dx": by_type(args[1], None, name)}
    if name in ("size", "sizeLimit", "tmpSizeLimit", "shmSizeLimit"):
        return "%dGi"
    assert kind is str, f"{name}: teach this test about {kind}"
    return "kit%dx"


def nest(path: tuple[str, ...], value: Any) -> Values:
    for name in reversed(path):
        value = {name: value}
    return value


def merge(base: Values, over: Values) -> Values:
    out = dict(base)
    for key, value in over.items():
        old = out.get(key)
        out[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def helm(values: Values) -> str:
    """Render the chart with these values, or say why Helm would not."""
    argv = [str(tool("helm")), "template", "airflow", str(CHART), "-n", "airflow", "-f", "-"]
    argv += ["--kube-version", pin("kubernetes.version")]
    done = subprocess.run(argv, input=yaml.safe_dump(values), capture_output=True, text=True, check=False, timeout=120)
    return done.stdout if done.returncode == 0 else f"refused: {done.stderr}"


def proven(found: list[Case], pool: ThreadPoolExecutor) -> set[str]:
    """Return the keys whose token turns up when all keys with the same needs are set at once.

    Keys that do not go together are tried by halves: a few of them must not cost hundreds of renders.
    """
    groups: dict[str, list[Case]] = {}
    for case in found:
        if case.token:
            groups.setdefault(yaml.safe_dump(case.base), []).append(case)
    seen: set[str] = set()
    open_groups = list(groups.values())
    while open_groups:
        together = [reduce(merge, (case.other for case in group)) for group in open_groups]
        halves: list[list[Case]] = []
        for group, text in zip(open_groups, pool.map(helm, together), strict=True):
            if text.startswith("refused"):
                middle = len(group) // 2
                halves += [group[:middle], group[middle:]] if middle else []
                continue
            seen |= {c.key for c in group if re.search(rf"(?<![0-9]){c.token}(?![0-9])", text)}
        open_groups = halves
    return seen


def verdicts() -> dict[str, str]:
    """Say for each key what is wrong with it, "" if nothing: many at once first, the rest one at a time."""
    found = cases()
    with ThreadPoolExecutor(max_workers=4) as pool:
        good = proven(found, pool)
        rest = [case for case in found if case.key not in good]
        texts = {yaml.safe_dump(v): v for case in rest for v in (case.base, case.other)}
        answers = dict(zip(texts, pool.map(helm, texts.values()), strict=True))
    said = dict.fromkeys(good, "")
    for case in rest:
        before, after = answers[yaml.safe_dump(case.base)], answers[yaml.safe_dump(case.other)]
        refused = next((text for text in (before, after) if text.startswith("refused")), "")
        said[case.key] = refused or (f"nothing in the chart reads {case.key}" if before == after else "")
    return said


def test_every_key_changes_what_helm_renders() -> None:
    found = verdicts()
    assert len(found) > 200
    assert {key: wrong for key, wrong in found.items() if wrong} == {}
