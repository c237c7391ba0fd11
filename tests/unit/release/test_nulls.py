"""Null is refused where the chart needs something, before Helm's templates trip over it."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.inputs import UserValues
from kitctl.release.nulls import refuse


@pytest.mark.parametrize(
    ("document", "sets", "key", "wanted"),
    [
        ({}, ("apiServer=null",), "apiServer", "keys and values"),
        ({"scheduler": None}, (), "scheduler", "keys and values"),
        ({"dags": {"git": {"credentials": None}}}, (), "dags.git.credentials", "keys and values"),
        ({}, ("a.b=1,executors=null",), "executors", "a list"),
        ({"dags": {"mode": None}}, (), "dags.mode", "one of image"),
        ({"scheduler": {"replicas": None}}, (), "scheduler.replicas", "a number"),
        ({}, ("triggerer.enabled=null",), "triggerer.enabled", "true or false"),
    ],
)
def test_what_the_chart_needs_cannot_be_null(document, sets, key, wanted):
    with pytest.raises(KitError) as raised:
        refuse(UserValues((document,), sets))
    error = raised.value
    assert (error.id, error.code) == ("values-wrong-type", ExitCode.PREFLIGHT)
    assert error.message == f"{key} must not be null"
    assert f"{key} takes {wanted}" in error.cause
    assert f"Remove {key} " in error.fix


def test_all_of_them_are_told_at_once():
    with pytest.raises(KitError) as raised:
        refuse(UserValues(({"keys": None},), ("admin=null",)))
    assert raised.value.message == "keys, admin must not be null"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"image": {"tag": None}},
        {"migrations": {"ttlSecondsAfterFinished": None}},
        {"apiServer": {"service": {"nodePort": None}}},
        {"scheduler": {"resources": {"limits": {"cpu": None}}}},
        {"no": {"such": None}},
        {"config": {"core": {"parallelism": None}}},
    ],
)
def test_other_keys_may_be_null_or_are_helms_to_refuse(document):
    refuse(UserValues((document,), ("image.digest=null", "nothing", "x=nullable")))
