"""The table of what an Airflow is tested with."""

from packaging.version import Version

from kitctl.model.upgrade import floors

DESCRIPTION = """
Apache Airflow is tested with:

|            | Main version (dev)     | Stable version (3.3.2) | Old version (2.11.2) |
|------------|------------------------|------------------------|----------------------|
| Python     | 3.11, 3.12             | 3.10, 3.11             | 3.9                  |
| Kubernetes | 1.31, 1.32             | 1.30, 1.31             | 1.26                 |
| PostgreSQL | 15, 16                 | 14, 15, 16             | 12                   |
| MySQL      | 8.0, Innovation        | 8.0, Innovation        | 8.0                  |

Text | with a bar
"""


def test_the_column_of_the_version_is_read() -> None:
    assert floors.read(DESCRIPTION, Version("3.3.2")) == floors.Floors(
        ("1.30", "1.31"), ("14", "15", "16"), ("3.10", "3.11")
    )


def test_a_prerelease_has_the_column_of_its_release() -> None:
    assert floors.read(DESCRIPTION, Version("3.3.2rc1")).postgres == ("14", "15", "16")


def test_another_text_tells_nothing() -> None:
    assert floors.read(DESCRIPTION, Version("3.4.0")) == floors.Floors()
    assert floors.read("", Version("3.3.2")) == floors.Floors()


def test_versions_are_compared_as_far_as_the_table_counts() -> None:
    assert [floors.below(v, ("14", "17")) for v in ("13.9", "14.0", "17.6", "9.6")] == [True, False, False, True]
    assert [floors.above(v, ("14", "17")) for v in ("17.6", "18.1")] == [False, True]
    assert [floors.below(v, ("1.30", "1.35")) for v in ("1.29.9", "1.30.0", "1.9")] == [True, False, True]
    assert (floors.below("1", ()), floors.above("9", ())) == (False, False)
