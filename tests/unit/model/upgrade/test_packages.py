"""How two images differ."""

from kitctl.model.upgrade import packages
from kitctl.model.upgrade.packages import PackageChange


def test_each_kind_of_difference_is_named() -> None:
    old = {"a": "1.0", "b": "1.0", "c": "2.0", "d": "1.0", "same": "1"}
    new = {"a": "1.1", "b": "2.0", "c": "1.9", "e": "1.0", "same": "1"}
    assert packages.installed(old, new) == [
        PackageChange("a", "1.0", "1.1", "newer"),
        PackageChange("b", "1.0", "2.0", "major"),
        PackageChange("c", "2.0", "1.9", "older"),
        PackageChange("d", "1.0", "", "removed"),
        PackageChange("e", "", "1.0", "added"),
    ]


def test_equal_images_do_not_differ() -> None:
    assert packages.installed({"a": "1"}, {"a": "1"}) == []


def test_requirements_are_compared_without_the_optional_ones() -> None:
    old = ["pendulum>=3.0", "libcst>=1.8; python_version < '3.14'", "gone", "statsd>=3; extra == 'statsd'", "???"]
    new = ["pendulum>=3.1", "libcst>=1.8; python_version < '3.14'", "New_One<2", "statsd>=4; extra == 'statsd'"]
    assert packages.required(old, new) == [
        PackageChange("gone", "any version", "", "removed"),
        PackageChange("new-one", "", "<2", "added"),
        PackageChange("pendulum", ">=3.0", ">=3.1", "changed"),
    ]
