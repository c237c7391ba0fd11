import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.usecases import open as open_ui
from kitctl.usecases.open import address, has_display, show
from tests.unit.fake_release import add_flower, add_release, add_workload, make_release


def test_the_address_of_the_ui(fake):
    assert address(make_release(fake), "ui") == "http://node:30809"


def test_an_unknown_page_is_a_usage_error(fake):
    with pytest.raises(KitError) as raised:
        address(make_release(fake), "flour")
    assert (raised.value.id, raised.value.code) == ("page-unknown", ExitCode.USAGE)


def test_the_address_of_flower(fake, monkeypatch):
    add_release(fake)
    add_flower(fake)
    monkeypatch.setattr("kitctl.release.handle.Release.flower_url", lambda _: "http://node:30810")
    assert address(make_release(fake), "flower") == "http://node:30810"


@pytest.mark.parametrize(
    ("workers", "reason", "executors"),
    [(False, "it has no Celery workers", True), (True, "flower.enabled is false", False)],
)
def test_a_release_without_flower_says_why_and_how_to_add_it(fake, workers, reason, executors):
    add_release(fake)
    if workers:
        add_workload(fake, "celery")
    with pytest.raises(KitError) as raised:
        address(make_release(fake), "flower")
    assert (raised.value.id, raised.value.code) == ("page-unknown", ExitCode.USAGE)
    assert raised.value.message == f"Flower is not part of this release: {reason}"
    assert raised.value.fix.startswith("kitctl up -n airflow --release airflow ")
    assert ("executors={CeleryExecutor}" in raised.value.fix) == executors


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
