"""What Helm would do to each object."""

import copy

import pytest

from kitctl.release.upgrade.changes import compare
from kitctl.release.upgrade.fields import Field


def config(name="c", data="1", **meta):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **meta}, "data": {"a": data}}


def job(name="j"):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {}}


KEEP = {"annotations": {"helm.sh/resource-policy": "keep"}}


def changes(old, new, live, failed=()):
    """Compare, and return action, name and fields."""

    def look(obj):
        return next(
            (o for o in live if (o["kind"], o["metadata"]["name"]) == (obj["kind"], obj["metadata"]["name"])), None
        )

    found = compare(old, new, "airflow", look, frozenset(failed))
    return [(pair.change.action, pair.change.name, pair.change.fields) for pair in found]


CHANGED = [Field("data.a", "1", "2")]


@pytest.mark.parametrize(
    ("old", "new", "live", "found"),
    [
        ([config()], [config()], [config()], []),
        ([], [config()], [], [("create", "c", [])]),
        ([config()], [config()], [], [("create", "c", [])]),
        ([config()], [config(data="2")], [config()], [("change", "c", CHANGED)]),
        ([config()], [config()], [config(data="0")], [("repair", "c", [Field("data.a", "0", "1")])]),
        ([], [config()], [config(data="0")], [("repair", "c", [Field("data.a", "0", "1")])]),
        ([config()], [], [config()], [("delete", "c", [])]),
        ([config()], [], [], []),
        ([config(**KEEP)], [], [config()], [("keep", "c", [])]),
        ([config()], [], [config(**KEEP)], [("keep", "c", [])]),
        (
            [config("a"), config("b")],
            [config("b"), config("z")],
            [config("a"), config("b")],
            [("create", "z", []), ("delete", "a", [])],
        ),
    ],
)
def test_actions(old, new, live, found):
    assert changes(old, new, live) == found


def test_objects_of_several_namespaces_are_not_mixed_up():
    old, new = [config(namespace="one")], [config(namespace="airflow")]
    assert [c[0] for c in changes(old, new, [config(namespace="airflow")])] == ["delete"]


def test_a_job_that_failed_runs_again():
    assert changes([job()], [job()], [job()], failed={"j"}) == [("repeat", "j", [])]
    assert changes([job()], [job()], [job()], failed={"other"}) == []


def test_what_the_server_added_is_no_difference():
    wanted = config(data="2")
    wanted["spec"] = {"cpu": "1", "list": [{"name": "a", "image": "x:1"}], "none": None}
    live = copy.deepcopy(wanted)
    live["metadata"]["uid"] = "1"
    live["spec"] = {"cpu": "1000m", "list": [{"name": "a", "image": "x:2", "added": 1}], "more": True}
    assert changes([], [wanted], [live]) == [("repair", "c", [Field("spec.list[a].image", "x:2", "x:1")])]
