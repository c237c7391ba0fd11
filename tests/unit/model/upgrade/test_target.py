"""Which versions an upgrade may go to."""

import pytest
from packaging.version import Version

from kitctl.errors import ExitCode, KitError
from kitctl.model.upgrade import target

PUBLISHED = [Version(text) for text in ("2.11.0", "3.2.2", "3.3.0", "3.3.2", "3.4.0b2")]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("latest", "airflow-version-invalid"),
        ("3.3.x", "airflow-version-invalid"),
        ("2.11.0", "upgrade-target-too-old"),
        ("3.1.0", "upgrade-target-too-old"),
    ],
)
def test_what_is_no_version_of_airflow_3_is_refused(text: str, error: str) -> None:
    with pytest.raises(KitError) as raised:
        target.parse(text)
    assert (raised.value.id, raised.value.code) == (error, ExitCode.USAGE)
    assert raised.value.fix.startswith("kitctl upgrade-check --to 3.")


def test_airflow_2_is_named_as_the_reason_only_where_it_is() -> None:
    words = {}
    for text in ("2.11.0", "3.1.0"):
        with pytest.raises(KitError) as raised:
            target.parse(text)
        words[text] = raised.value.cause
    assert ("Airflow 3" in words["2.11.0"], "Airflow 3" in words["3.1.0"]) == (True, False)


def test_a_version_that_nobody_published_is_refused_with_those_beside_it() -> None:
    with pytest.raises(KitError) as raised:
        target.known(Version("3.3.9"), PUBLISHED)
    assert (raised.value.id, raised.value.code) == ("airflow-version-unknown", ExitCode.USAGE)
    assert raised.value.cause == "It has 3.3.2, 3.3.0"
    assert raised.value.fix == "kitctl upgrade-check --to 3.3.2"


def test_a_short_version_is_the_one_that_was_published() -> None:
    assert str(target.known(Version("3.3"), PUBLISHED)) == "3.3.0"


def test_the_way_back_is_refused_and_the_same_version_is_not() -> None:
    with pytest.raises(KitError) as raised:
        target.refuse_downgrade(Version("3.3.2"), "The release airflow runs", Version("3.3.0"))
    assert (raised.value.id, raised.value.code) == ("upgrade-is-downgrade", ExitCode.USAGE)
    assert raised.value.cause.startswith("The release airflow runs 3.3.2")
    for current in (None, Version("3.3.2"), Version("3.2.2")):
        target.refuse_downgrade(current, "", Version("3.3.2"))
