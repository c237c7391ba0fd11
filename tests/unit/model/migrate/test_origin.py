"""For which chart a file was written."""

from __future__ import annotations

import pytest
import yaml

from kitctl.model.migrate.origin import KIT, OWN, Origin, origin
from kitctl.model.values.keys.allowed import exists
from kitctl.model.values.keys.peers import PEERS, Names, names
from tests.unit.model.migrate.samples import leaves
from tests.unit.test_values_examples import EXAMPLES


def of(*keys: str) -> Origin:
    return origin([names(key) for key in keys])


@pytest.mark.parametrize("chart", PEERS)
def test_a_whole_file_of_a_chart_is_certainly_its_own(chart: str) -> None:
    found = origin(leaves(chart))
    assert (found.chart, found.sure) == (chart, "certain")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_of_the_kit_is_its_own(path) -> None:
    def below(node, above: Names = ()):
        for key, value in node.items():
            yield from below(value, (*above, key)) if isinstance(value, dict) and value else [(*above, key)]

    assert origin(list(below(yaml.safe_load(path.read_text())))).chart == KIT


def test_few_keys_make_it_likely() -> None:
    assert (of("webserver.replicas").chart, of("webserver.replicas").sure) == ("official", "likely")
    assert of("web.replicas").chart == "community"
    assert of("celery.num_workers").chart == "kube-airflow"
    assert of("executors").chart == KIT


@pytest.mark.parametrize("keys", [(), ("scheduler.replicas",), ("dags.gitSync.enabled",), ("frobnicate",)])
def test_keys_of_several_charts_do_not_tell_one(keys: tuple[str, ...]) -> None:
    found = of(*keys)
    assert found.chart == ""
    assert len(found.likely) > 1


def test_keys_that_two_charts_share_leave_those_two() -> None:
    assert set(of("dags.gitSync.enabled").likely) == {"official", "community"}


def test_the_keys_of_the_kit_alone_are_its_own() -> None:
    assert [key for key in OWN if not exists(key)] == []
    others = [key for chart in PEERS for key in leaves(chart)]
    assert [own for own in OWN if any(key[: len(own)] == own for key in others)] == []
