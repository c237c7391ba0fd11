"""Shared by the tests of the use cases."""

from tests.unit.fake_deploy import world

__all__ = ["world"]
