"""Looks that the caller may not be allowed to take."""

import pytest

from kitctl.errors import KitError
from kitctl.tools.kube.rights import unless_forbidden


def raising(error_id):
    def look():
        raise KitError(error_id, "no")

    return look


def test_what_is_found_is_returned_and_a_missing_right_gives_the_other():
    assert unless_forbidden(lambda: [1], []) == [1]
    assert unless_forbidden(raising("forbidden"), []) == []


def test_every_other_error_is_told():
    with pytest.raises(KitError) as caught:
        unless_forbidden(raising("cluster-unreachable"), [])
    assert caught.value.id == "cluster-unreachable"
