"""Every key of the other charts, one at a time and all at once: it becomes what its rule says."""

from __future__ import annotations

from copy import deepcopy
from functools import cache, reduce
from typing import Any

import pytest
import yaml

from kitctl.model.migrate.changes import CHANGES
from kitctl.model.migrate.migrate import migrate
from kitctl.model.migrate.origin import Origin
from kitctl.model.migrate.result import Line, Migration, Verdict
from kitctl.model.values import Values
from kitctl.model.values.keys.allowed import exists
from kitctl.model.values.keys.peers import PEERS, Answer, Names, names, peer
from tests.chart.test_every_key import merge, nest
from tests.unit.model.migrate.samples import BY_HOW, SECRET, leaves, sample

EXECUTOR = {"official": "executor", "community": "airflow.executor"}
NEAR: dict[str, dict[str, Any]] = {
    "scaled": {"enabled": True},
    "metrics": {"enabled": True, "maxReplicas": 3, "maxReplicaCount": 3},
    "user-key": {"userSecret": "login", "passwordSecret": "login"},
    "search-host": {"host": "search.example.com"},
}
"""What must stand beside a value for it to mean anything, by the first word of `how`."""


def migrated(chart: str, values: dict[str, Any]) -> Migration:
    return migrate(values, {"old.yaml": yaml.safe_dump(values)}, Origin(chart, "given", ""))


def around(chart: str, key: Names, answer: Answer) -> dict[str, Any]:
    """Return what a release needs, so that no part of it is off."""
    base: dict[str, Any] = {"flower": {"enabled": True}}
    if chart in EXECUTOR:
        base = merge(base, nest(names(EXECUTOR[chart]), "CeleryKubernetesExecutor"))
    for name, value in NEAR.get((answer.how.split() or [""])[0], {}).items():
        base = merge(base, nest((*key[:-1], name), value))
    return base


@cache
def one_at_a_time(chart: str) -> list[tuple[Names, Answer, Any, Migration, Line]]:
    found = []
    for key in leaves(chart):
        answer = peer(chart).lookup(key)
        assert answer is not None
        value = sample(key, answer)
        done = migrated(chart, merge(around(chart, key, answer), nest(key, value)))
        dotted = ".".join(key)
        line = next(line for line in done.lines if line.key == dotted or line.key.startswith(f"{dotted}."))
        found.append((key, answer, value, done, line))
    return found


def at(values: Any, dotted: str, below: Names) -> Any:
    for name in (*names(dotted), *below):
        values = values.get(name) if isinstance(values, dict) else None
    return values


@pytest.mark.parametrize("chart", PEERS)
def test_a_key_that_moves_has_its_value_under_each_new_key(chart: str) -> None:
    wrong = []
    for key, answer, value, done, line in one_at_a_time(chart):
        if answer.how or answer.gone or answer.change:
            continue
        new, below = yaml.safe_load(done.values), key[len(names(answer.old)) :]
        if line.verdict is not Verdict.CARRIED or [n for n in answer.new if at(new, n, below) != value]:
            wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize("chart", PEERS)
def test_a_key_that_is_gone_is_told_with_its_reason(chart: str) -> None:
    rows = [(answer, line) for _, answer, _, _, line in one_at_a_time(chart) if answer.gone and not answer.how]
    assert len(rows) > 3
    assert [line for answer, line in rows if line.verdict is not Verdict.DROPPED or line.why != answer.gone] == []


@pytest.mark.parametrize("chart", PEERS)
def test_a_change_without_code_is_left_to_the_reader_with_the_new_keys(chart: str) -> None:
    rows = [(a, line) for _, a, _, _, line in one_at_a_time(chart) if a.change and not a.how]
    told = [a.change in line.why and all(new in line.why for new in a.new) for a, line in rows]
    assert [line for (_, line), good in zip(rows, told, strict=True) if not good or line.verdict != "decide"] == []


@pytest.mark.parametrize("chart", PEERS)
def test_a_change_by_code_sets_a_key_of_its_rule_or_says_why_not(chart: str) -> None:
    wrong = []
    for _, answer, _, _, line in one_at_a_time(chart):
        if not answer.how or answer.gone:
            continue
        # Options of Airflow, variables and users' accounts may have a key of their own beside that of the rule.
        roots = {new.split(".")[0] for new in answer.new} | {"config", "env", "broker", "keys", "dags"}
        strange = [to for to in line.to if to.split(".")[0] not in roots]
        if strange or not (line.to or line.why or line.verdict is Verdict.UNSET):
            wrong.append((line, strange))
    assert wrong == []


@pytest.mark.parametrize("chart", PEERS)
def test_no_sample_has_a_form_that_the_change_does_not_know(chart: str) -> None:
    assert [line for *_, line in one_at_a_time(chart) if "another form" in line.why] == []


@pytest.mark.parametrize("chart", PEERS)
def test_the_new_file_is_valid_against_the_model(chart: str) -> None:
    for _, _, _, done, _ in one_at_a_time(chart):
        Values.model_validate(yaml.safe_load(done.values) or {})


@pytest.mark.parametrize("chart", PEERS)
def test_no_secret_is_printed(chart: str) -> None:
    rows = one_at_a_time(chart)
    hidden = [done for _, _, value, done, _ in rows if SECRET in str(value)]
    assert len(hidden) >= 5
    assert [done for done in hidden if SECRET in str(done)] == []


@pytest.mark.parametrize("chart", PEERS)
@pytest.mark.parametrize(
    "value",
    [
        "https://jane:hunter2-in-a-url@example.com/x",
        [{"name": "DB_PASSWORD", "value": "hunter2-in-a-list"}],
        {"any": {"password": "hunter2-in-a-section"}},
    ],
    ids=["url", "list", "section"],
)
def test_a_secret_under_any_key_is_not_printed(chart: str, value: Any) -> None:
    """People put passwords where nobody expects them."""
    every = leaves(chart)
    printed = []
    for start in range(0, len(every), 25):
        some = every[start : start + 25]
        if "hunter2" in str(migrated(chart, reduce(merge, (nest(key, deepcopy(value)) for key in some)))):
            printed += [".".join(key) for key in some if "hunter2" in str(migrated(chart, nest(key, value)))]
    assert printed == []


@pytest.mark.parametrize(
    "filling", [None, "", {}, [], False, True, 0, 3, "text", ["text"], [{"name": "x"}], {"x": {"y": 1}}]
)
@pytest.mark.parametrize("chart", PEERS)
def test_a_whole_file_has_a_verdict_for_each_key_whatever_its_values_are(chart: str, filling: Any) -> None:
    every: dict[str, Any] = {}
    for key in leaves(chart):
        every = merge(every, nest(key, filling))
    done = migrated(chart, every)
    lines = {line.key for line in done.lines if line.line}
    missing = [
        key
        for key in leaves(chart)
        if not any(line == ".".join(key) or line.startswith(".".join(key) + ".") for line in lines)
    ]
    assert missing == []
    yaml.safe_load(done.values)


@pytest.mark.parametrize("chart", PEERS)
def test_a_file_of_nulls_and_empty_sections_loses_nothing(chart: str) -> None:
    for filling in (None, {}, []):
        every: dict[str, Any] = {}
        for key in leaves(chart):
            every = merge(every, nest(key, filling))
        assert [line for line in migrated(chart, every).lines if line.line and line.verdict != "unset"] == []


def test_every_change_is_used_by_a_table_and_every_name_in_a_table_is_a_change() -> None:
    used = {rule.how.split()[0] for name in PEERS for _, rule in peer(name).patterns() if rule.how}
    by_code = {
        "proxies",
        "boolean",
        "auth-manager",
        "parsed",
        "dag-mode",
    }  # of options of airflow.cfg, and of texts in `env`
    assert used <= set(CHANGES)
    assert set(CHANGES) - used <= by_code
    assert used <= {*BY_HOW, "move"}


@pytest.mark.parametrize("chart", PEERS)
def test_a_default_of_the_other_chart_is_a_key_of_one_of_both(chart: str) -> None:

    for default in peer(chart).defaults:
        key = names(default.old)
        assert key in leaves(chart) or exists(key)
        assert all(names(when) in leaves(chart) for when in default.when)


def test_a_set_of_workers_has_each_field_by_the_rule_of_all_workers() -> None:
    of = {
        "name": "big",
        "queue": "big,huge",
        "replicas": 2,
        "nodeSelector": {"disk": "ssd"},
        "securityContexts": {"pod": {"fsGroup": 7}},
        "serviceAccount": {"create": True, "annotations": {"role": "big"}},
        "podDisruptionBudget": {"enabled": True, "config": {"minAvailable": "1"}},
        "livenessProbe": {"enabled": True, "periodSeconds": 7},
        "keda": {"enabled": True, "maxReplicaCount": 4, "pollingInterval": 9, "query": "SELECT 1"},
        "hostPorts": {"x": 1},
    }
    done = migrated("official", {"executor": "CeleryExecutor", "workers": {"celery": {"sets": [of]}}})
    assert yaml.safe_load(done.values)["workers"]["celery"]["groups"] == [
        {
            "name": "big",
            "queues": ["big", "huge"],
            "replicas": 2,
            "nodeSelector": {"disk": "ssd"},
            "podSecurityContext": {"fsGroup": 7},
            "serviceAccount": {"create": True, "annotations": {"role": "big"}},
            "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
            "livenessProbe": {"periodSeconds": 7},
            "autoscaling": {"keda": {"maxReplicas": 4, "pollingInterval": 9, "query": "SELECT 1"}},
        }
    ]
    (line,) = [line for line in done.lines if line.key == "workers.celery.sets"]
    assert line.verdict is Verdict.DECIDE
    assert "big: livenessProbe.enabled: the chart sets what its probes do" in line.why
    assert "big: hostPorts: it has no key of the same kind in workers.celery.groups" in line.why
