"""The tables of other charts' keys: each key of their values files has an answer, new keys or a reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kitctl.model.values.keys.allowed import exists, own
from kitctl.model.values.keys.peers import PEERS, Answer, Names, Peer, names, peer

HERE = Path(__file__).parent


@cache
def keys(name: str) -> tuple[Names, ...]:
    """Return all keys of a chart's values file, sections included."""
    lines = (HERE / f"{name}.txt").read_text().splitlines()
    leaves = [names(line) for line in lines if not line.startswith("#")]
    return tuple(dict.fromkeys(leaf[:depth] for leaf in leaves for depth in range(1, len(leaf) + 1)))


@cache
def answers(name: str) -> dict[Names, Answer | None]:
    return {key: peer(name).lookup(key) for key in keys(name)}


@pytest.mark.parametrize(("name", "count"), [("official", 1000), ("community", 400), ("kube-airflow", 45)])
def test_the_list_of_keys_is_that_of_a_whole_file_and_tells_its_origin(name: str, count: int) -> None:
    lines = (HERE / f"{name}.txt").read_text().splitlines()
    assert "values.yaml at commit" in lines[0]
    assert len(set(lines[1:])) == len(lines[1:]) >= count


@pytest.mark.parametrize("name", PEERS)
def test_each_key_is_answered(name: str) -> None:
    assert [".".join(key) for key, answer in answers(name).items() if answer is None] == []


@pytest.mark.parametrize("name", PEERS)
def test_an_answer_is_a_reason_or_names_keys_that_the_kit_has(name: str) -> None:
    told = {answer for answer in answers(name).values() if answer}
    assert [answer for answer in told if not answer.gone and not answer.new] == []
    assert [new for answer in told for new in answer.new if not exists(names(new))] == []


@pytest.mark.parametrize("name", PEERS)
def test_what_a_rule_names_is_there(name: str) -> None:
    """A key that the kit renames is renamed in the tables, too, also if a rule names several."""
    named = {new for _, rule in peer(name).patterns() for new in rule.new if "*" not in new}
    assert [new for new in sorted(named) if own(names(new)) < len(names(new))] == []


@pytest.mark.parametrize("name", PEERS)
def test_no_key_that_the_kit_has_is_called_gone(name: str) -> None:
    """When the kit gets a key of that name, the reason in the table is out of date."""
    gone = [pattern for pattern, rule in peer(name).patterns() if rule.gone and "*" not in pattern]
    assert [key for key in gone if own(key) == len(key)] == []


@pytest.mark.parametrize("name", PEERS)
def test_no_rule_is_useless(name: str) -> None:
    """Without one of its old keys, the table would answer at least one key otherwise."""
    table, told = peer(name), answers(name)
    useless = []
    for pattern, _ in table.patterns():
        dotted = ".".join(pattern)
        rest = {
            heading: tuple(
                type(rule)(tuple(o for o in rule.old if o != dotted), rule.new, rule.change, rule.note, rule.gone)
                for rule in rules
            )
            for heading, rules in table.groups.items()
        }
        without = Peer(table.name, table.title, table.origin, rest)
        near = [key for key in keys(name) if len(key) >= len(pattern) and pattern[-1] in ("*", key[len(pattern) - 1])]
        if all(without.lookup(key) == told[key] for key in near):
            useless.append(dotted)
    assert useless == []


@pytest.mark.parametrize("name", PEERS)
def test_no_key_has_two_rules(name: str) -> None:
    patterns = [pattern for pattern, _ in peer(name).patterns()]
    assert sorted(patterns) == sorted(set(patterns))


@pytest.mark.parametrize("name", PEERS)
def test_texts_end_without_a_period(name: str) -> None:
    rules = [rule for rules in peer(name).groups.values() for rule in rules]
    assert [rule for rule in rules if (rule.gone + rule.change + rule.note).endswith(".")] == []


@pytest.mark.parametrize(
    ("name", "key", "said"),
    [
        ("official", "webserver.replicas", "webserver.replicas is now: apiServer.replicas"),
        ("official", "webserver.resources.limits.cpu", "webserver.resources is now: apiServer.resources"),
        (
            "official",
            "workers.nodeSelector.disk",
            "workers.nodeSelector is now: workers.nodeSelector, workers.celery.nodeSelector",
        ),
        (
            "official",
            "workers.celery.securityContexts.pod",
            "workers.celery.securityContexts.pod is now: workers.celery.podSecurityContext",
        ),
        ("official", "statsd.args", "Remove statsd: "),
        ("official", "workers.replicas", "workers.replicas is now: workers.celery.replicas"),
        ("official", "dags.gitSync.depth", "dags.gitSync.depth is now: dags.git.depth"),
        ("official", "dags.persistence.size", "dags.persistence.size is now: dags.pvc.size"),
        ("official", "executor", "executor is now: executors (a list: "),
        ("community", "workers.replicas", "workers.replicas is now: workers.celery.replicas"),
        ("community", "web.service.nodePort.http", "web.service.nodePort.http is now: apiServer.service.nodePort"),
        ("community", "airflow.config.AIRFLOW__CORE__PARALLELISM", "airflow.config is now: config (by section: "),
        (
            "community",
            "externalDatabase.passwordSecretKey",
            "externalDatabase.passwordSecretKey is now: database.passwordSecret.key",
        ),
        ("kube-airflow", "celery.num_workers", "celery.num_workers is now: workers.celery.replicas"),
        ("kube-airflow", "persistence.size", "persistence.size is now: dags.pvc.size"),
    ],
)
def test_what_became_of_a_key(name: str, key: str, said: str) -> None:
    answer = peer(name).lookup(names(key))
    assert answer is not None
    assert answer.words().startswith(said)


@pytest.mark.parametrize("key", ["frobnicate", "webserver.frobnicate", "dags.gitSync.frobnicate"])
def test_a_key_that_the_chart_does_not_have_is_not_answered(key: str) -> None:
    assert peer("official").lookup(names(key)) is None
