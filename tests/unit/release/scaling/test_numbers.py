"""A number that `kitctl scale` set stays until the values ask for another one."""

import json

import pytest

from kitctl.model.settings import Settings
from kitctl.model.user_values import UserValues
from kitctl.release.kept import Kept
from kitctl.release.scaling import numbers
from kitctl.release.scaling.numbers import Place
from tests.unit.fake_operation import operation

KEY = "workers.celery.replicas"


def celery(**section):
    return {"workers": {"celery": section}}


def keep(fake, user, *, running, marks, sets=(), typed=None, monkeypatch=None):
    """Return what `up` keeps, and what it says."""
    meta = {
        "name": "airflow-config",
        "annotations": {numbers.MARK: marks if isinstance(marks, str) else json.dumps(marks)},
    }
    fake.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    if monkeypatch:
        monkeypatch.setattr(numbers.Helm, "merge", lambda *_: typed)
    op = operation(fake, Settings(sets=sets))
    return numbers.keep(op, Kept(running), UserValues(user)), op.steps.notes


THREE = {"celery": {"values": 2, "scaled": 3}}


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({}, f"keeping {KEY}=3, which kitctl scale has set"),
        (celery(replicas=2), f"the values still say 2 (--set {KEY}=2 changes it)"),
    ],
)
def test_it_stays_while_the_values_say_the_same_or_nothing(fake, user, words):
    kept, notes = keep(fake, user, running=celery(replicas=3), marks=THREE)
    assert kept == (f"{KEY}=3",)
    assert words in notes[0]


def test_a_number_that_changed_in_the_values_wins_and_is_told(fake):
    kept, notes = keep(fake, celery(replicas=4), running=celery(replicas=3), marks=THREE)
    assert kept == ()
    assert notes == [f"celery: {KEY}=4, as the values say now; kitctl scale had set 3"]


def test_a_number_that_is_typed_wins_also_over_the_same_number(fake, monkeypatch):
    user = celery(replicas=2)
    kept, notes = keep(
        fake, user, running=celery(replicas=3), marks=THREE, sets=(f"{KEY}=2",), typed=user, monkeypatch=monkeypatch
    )
    assert (kept, len(notes)) == ((), 1)
    other = {"a": 1}
    assert keep(
        fake, user, running=celery(replicas=3), marks=THREE, sets=("a=1",), typed=other, monkeypatch=monkeypatch
    )[0] == (f"{KEY}=3",)


@pytest.mark.parametrize(
    ("user", "running"),
    [
        (celery(replicas=2), celery(replicas=2)),  # another `helm upgrade` has changed it since
        (celery(replicas=3), celery(replicas=3)),  # the file has the number now
        (celery(replicas=None), celery(replicas=3)),  # an autoscaler shall have it
        (celery(autoscaling={"keda": {"maxReplicas": 4}}), celery(replicas=3)),
    ],
)
def test_otherwise_there_is_nothing_to_keep(fake, user, running):
    assert keep(fake, user, running=running, marks=THREE) == ((), [])


@pytest.mark.parametrize("marks", ["nonsense", {}, {"unknown": {"scaled": 3}}, {"celery": {}}])
def test_an_annotation_that_says_nothing_keeps_nothing(fake, marks):
    assert keep(fake, {}, running=celery(replicas=3), marks=marks) == ((), [])


def test_a_group_is_found_by_its_name_wherever_it_stands_in_the_list(fake):
    running = celery(groups=[{"name": "big", "replicas": 5}])
    user = celery(groups=[{"name": "new"}, {"name": "big", "replicas": 1}])
    marks = {"celery/big": {"values": 1, "scaled": 5}}
    kept, notes = keep(fake, user, running=running, marks=marks)
    assert kept == ("workers.celery.groups[1].replicas=5",)
    assert "groups[1].replicas=5" in notes[0]
    assert keep(fake, celery(groups=[{"name": "new"}]), running=running, marks=marks) == ((), [])


def test_a_first_install_asks_for_no_annotation(fake):
    assert numbers.keep(operation(fake), Kept({}), UserValues()) == ()
    assert fake.requests == []


def test_names_are_those_of_reports():
    assert [numbers.place(name) for name in ("scheduler", "celery/big")] == [Place("scheduler"), Place("celery", "big")]
    assert Place("celery", "big").name == "celery/big"
