"""The auth manager of a release: read from its API server; how users and kitctl log in."""

from types import SimpleNamespace

import pytest

from kitctl.errors import KitError
from kitctl.release import auth
from kitctl.usecases.credentials import read_credentials
from kitctl.usecases.status import read_status
from kitctl.usecases.up import _shut_out
from tests.chart.release import CHART, render
from tests.chart.test_who_holds_what import KEYCLOAK, SIMPLE
from tests.unit.fake_release import VALUES, add_release, add_workload, make_release

EVERYONE = (*SIMPLE, "auth.simple.allAdmins=true")
SINGLE_SIGN_ON = ("apiServer.webserverConfig.text=AUTH_TYPE = 4",)
OTHER = ("auth.manager=my_package.auth.Manager",)


@pytest.fixture
def release(fake):
    """Return a release whose API server is that of rendered values."""

    def made(*sets, values=VALUES):
        add_release(fake)
        server = add_workload(fake, "api-server")
        found = next(d for d in render(sets=sets).documents if d["kind"] == "Deployment" and "api-server" in name(d))
        server["spec"]["template"]["spec"] = found["spec"]["template"]["spec"]
        return make_release(fake, values=values)

    return made


def name(document):
    return document["metadata"]["name"]


@pytest.mark.parametrize(
    ("sets", "manager", "words"),
    [
        ((), "fab", "with a name and a password"),
        (SINGLE_SIGN_ON, "fab", "as webserver_config.py says"),
        (SIMPLE, "simple", "with a name and a password"),
        (EVERYONE, "simple", "not at all: everyone who can open the UI is an administrator"),
        (KEYCLOAK, "keycloak", "with a user of the realm company of https://sso.example.com"),
        (OTHER, "my_package.auth.Manager", "as my_package.auth.Manager decides"),
    ],
)
def test_credentials_and_status_know_the_auth_manager(release, sets, manager, words):
    found = release(*sets)
    told = read_credentials(found)
    assert (told.auth_manager, told.log_in) == (manager, words)
    has_user = manager in ("fab", "simple") and sets != EVERYONE
    assert (told.username, told.password) == (("boss", "p$%ä") if has_user else (None, None))
    assert read_status(found).auth_manager == manager
    assert [p for p in read_status(found).problems if "administrator" in p] == (
        ["everyone who can open the UI is an administrator, without a log-in (auth.simple.allAdmins)"]
        if sets == EVERYONE
        else []
    )


def test_the_classes_are_those_of_the_chart():
    text = "".join(p.read_text(encoding="utf-8") for p in (CHART / "templates" / "auth").glob("_*.tpl"))
    assert all(path in text for path in auth.PATHS)


def test_a_release_with_single_sign_on_alone_has_credentials_without_a_password(release):
    alone = {**VALUES, "admin": {"create": False}}
    assert read_credentials(release(*SINGLE_SIGN_ON, values=alone)).password is None
    with pytest.raises(KitError) as caught:
        read_credentials(release(values=alone))
    assert caught.value.id == "password-missing"


def test_kitctl_logs_in_as_the_client_of_keycloak(release, fake):
    found = release(*KEYCLOAK)
    with pytest.raises(KitError) as caught:
        found.login.password()
    assert caught.value.id == "keycloak-secret-missing"
    fake.add_secret("client", {"client-secret": "s3cret\n"})
    assert (found.login.name, found.login.password(), found.login.grant) == ("airflow", "s3cret", "client_credentials")


def test_where_everyone_is_an_administrator_no_password_is_needed(release):
    login = release(*EVERYONE, values={**VALUES, "admin": {"create": False}}).login
    assert (login.password(), login.grant) == ("anyone", "password")


def test_an_unknown_auth_manager_is_said_before_anything_is_sent(release):
    with pytest.raises(KitError) as caught:
        release(*OTHER).login.password()
    assert caught.value.id == "auth-manager-unsupported"
    assert "my_package.auth.Manager" in caught.value.message


@pytest.mark.parametrize(
    ("sets", "error", "why"),
    [
        ((), None, ""),
        (KEYCLOAK, None, ""),
        (KEYCLOAK, "api-refused", "m: c"),
        (OTHER, "auth-manager-unsupported", "m: c"),
    ],
)
def test_up_says_why_it_cannot_run_a_dag(release, sets, error, why):
    def dags():
        if error:
            raise KitError(error, "m", cause="c", fix="f")
        return []

    assert _shut_out(release(*sets), SimpleNamespace(dags=dags)) == why


def test_up_does_not_take_every_failure_for_a_missing_right(release):
    def dags():
        raise KitError("api-database-away", "m", fix="f")

    with pytest.raises(KitError):
        _shut_out(release(*KEYCLOAK), SimpleNamespace(dags=dags))
