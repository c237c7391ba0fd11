import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.usecases import open as open_ui
from kitctl.usecases.open import address, has_display, show
from tests.unit.fake_release import make_release


def test_the_address_of_the_ui(fake):
    assert address(make_release(fake), "ui") == "http://node:30809"


def test_an_unknown_page_is_a_usage_error(fake):
    with pytest.raises(KitError) as raised:
        address(make_release(fake), "flour")
    assert (raised.value.id, raised.value.code) == ("page-unknown", ExitCode.USAGE)


@pytest.mark.parametrize(
    ("env", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "w"}, "linux", True),
        ({}, "darwin", True),
    ],
)
def test_where_there_is_a_display(env, platform, there):
    assert has_display(env, platform) is there


@pytest.mark.parametrize("there", [True, False])
def test_a_browser_is_opened_only_on_a_display(there, monkeypatch):
    opened = []
    monkeypatch.setattr(open_ui, "has_display", lambda: there)
    show("http://x", lambda url: opened.append(url) or True)
    assert opened == (["http://x"] if there else [])
