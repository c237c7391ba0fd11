"""Shared by the tests of the use cases."""

from tests.unit.fake_deploy import world
from tests.unit.fake_images import dags, tool

__all__ = ["dags", "tool", "world"]
