"""Finding a release: by label, with or without Helm's memory of it."""

from types import SimpleNamespace

import pytest

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.release import handle as module
from kitctl.release.handle import Release
from kitctl.tools.forward import forwards as forward
from kitctl.tools.kube.client import Kube
from kitctl.usecases.credentials import Credentials, read_credentials
from tests.unit.fake_release import VALUES, FakeHelm, add_flower, add_release, add_service, add_workload, labels

FAB = ("fab", "with a name and a password")


def address(monkeypatch, of_node):
    """Let the cluster of every context have this address, or none."""
    cluster = SimpleNamespace(node_port_address=lambda port: of_node and f"{of_node}:{port}")
    monkeypatch.setattr(choice, "of_context", lambda context, kubeconfig: cluster)


@pytest.fixture
def release(fake):
    add_release(fake)
    return lambda values=VALUES, **settings: Release(Settings(**settings), fake.kube, FakeHelm(values))


@pytest.fixture
def forwards(monkeypatch):
    asked = []

    def ensure(target, wait_seconds):
        asked.append(target)
        return "http://127.0.0.1:1"

    monkeypatch.setattr(forward, "ensure_forward", ensure)
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)
    address(monkeypatch, None)
    return asked


def test_user_and_password_come_from_values_and_secret(release):
    found = release()
    assert (found.username, found.password) == ("boss", "p$%ä")


def test_the_secret_of_another_release_is_not_taken(fake, release):
    fake.add_secret("a-keys", {"fernet-key": "x", "admin-password": "other"}, labels("", "other"))
    assert release().password == "p$%ä"


def test_a_secret_that_the_values_name_wins(fake, release):
    fake.add_secret("mine", {"admin-password": "own"})
    assert release({**VALUES, "keys": {"existingSecret": "mine"}}).password == "own"


def test_keys_that_the_user_made_under_the_kits_name_need_no_label(fake, release):
    del fake.objects["/api/v1/namespaces/airflow/secrets/airflow-keys"]
    fake.add_secret("airflow-keys", {"fernet-key": "x", "admin-password": "theirs"}, {})
    assert release().password == "theirs"


def test_a_release_that_helm_does_not_know_still_has_credentials(release, forwards):
    found = read_credentials(release(None))
    assert found == Credentials("http://127.0.0.1:1", *FAB, "admin", "p$%ä")


def refusal(call, *args):
    with pytest.raises(KitError) as raised:
        call(*args)
    return raised.value


def test_an_absent_release_is_told_before_its_missing_secret(release):
    error = refusal(read_credentials, release(release="nope"))
    assert error.id == "release-missing"
    assert error.code == ExitCode.UNHEALTHY
    assert "nope" in error.message
    assert "airflow" in error.message
    assert refusal(lambda: release(release="nope").workloads).id == "release-missing"


def test_a_secret_that_is_gone_is_named(fake, release):
    del fake.objects["/api/v1/namespaces/airflow/secrets/airflow-keys"]
    assert refusal(lambda: release().keys).id == "keys-missing"
    named = refusal(lambda: release({**VALUES, "keys": {"existingSecret": "mine"}}).keys)
    assert "mine" in named.message


def test_a_newline_at_the_end_is_no_part_of_the_password(fake, release):
    """As the chart's scripts read it: `--from-file` and `echo` leave one."""
    fake.add_secret("mine", {"admin-password": "own\n"})
    assert release({**VALUES, "keys": {"existingSecret": "mine"}}).password == "own"


def test_without_a_first_user_there_is_no_password(release):
    values = {**VALUES, "admin": {**VALUES.get("admin", {}), "create": False}}
    assert refusal(lambda: release(values).password).id == "password-missing"


def test_a_secret_without_a_password_is_told_apart(fake, release):
    fake.add_secret("airflow-keys", {"fernet-key": "f"}, {k: v for k, v in labels("").items() if "component" not in k})
    assert refusal(lambda: release().password).id == "password-missing"


def test_a_forward_leads_to_the_service_of_the_release(release, forwards):
    assert release(namespace="airflow").url() == "http://127.0.0.1:1"
    [target] = forwards
    assert (target.service, target.port, target.namespace, target.context) == (
        "airflow-api-server",
        8080,
        "airflow",
        "test",
    )


def test_a_node_port_is_used_where_this_machine_reaches_the_node(fake, release, forwards, monkeypatch):
    add_service(fake, node_port=30809)
    address(monkeypatch, "10.9.9.2")
    assert release().url() == "http://10.9.9.2:30809"
    assert not forwards


def test_a_node_port_out_of_reach_is_not_used(fake, release, forwards):
    add_service(fake, node_port=30809)
    assert release().url() == "http://127.0.0.1:1"


def test_what_helm_cannot_tell_is_not_taken_for_no_values(release):
    found = release(KitError("forbidden", "no secrets for you"))
    assert refusal(lambda: found.values).id == "forbidden"
    assert refusal(lambda: found.username).id == "forbidden"


def test_a_broken_record_is_not_taken_for_no_release(fake, release):
    """Helm passes over records that it cannot decode, and says `release: not found`."""
    broken = {"metadata": {"name": "sh.helm.release.v1.airflow.v1", "labels": {"owner": "helm", "name": "airflow"}}}
    fake.add({"apiVersion": "v1", "kind": "Secret", **broken, "data": {"release": "bm90IGd6aXA="}})
    error = refusal(lambda: release(None).values)
    assert (error.id, error.code) == ("helm-record-broken", ExitCode.UNHEALTHY)
    assert "delete secrets sh.helm.release.v1.airflow.v1" in error.fix


def test_no_record_means_no_values(release):
    assert release(None).values == {}


@pytest.mark.parametrize("values", [VALUES, None])
def test_the_path_of_the_public_address_is_kept_whoever_installed_the_release(fake, release, forwards, values):
    server = add_workload(fake, "api-server")
    env = [{"name": "A", "valueFrom": {}}, {"name": "AIRFLOW__API__BASE_URL", "value": "https://example.com/team/"}]
    server["spec"]["template"]["spec"]["containers"][0]["env"] = env
    assert release(values).url() == "http://127.0.0.1:1/team"


def test_the_api_works_without_a_password_for_what_needs_no_login(fake, release, forwards):
    del fake.objects["/api/v1/namespaces/airflow/secrets/airflow-keys"]
    api = release().api()
    assert api.base_url == "http://127.0.0.1:1"
    assert refusal(api.dags).id == "keys-missing"  # and not a refused password


@pytest.mark.parametrize(("timeout", "waits"), [(5.0, 5.0), (900.0, 20.0)])
def test_no_wait_is_longer_than_the_timeout(release, monkeypatch, timeout, waits):
    seen = []
    monkeypatch.setattr(forward, "ensure_forward", lambda target, seconds: seen.append(seconds) or "http://127.0.0.1:1")
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)
    address(monkeypatch, None)
    monkeypatch.setattr(
        "kitctl.tools.airflow.api.AirflowApi",
        lambda url, user, password, limit, grant, patience: seen.extend([limit, patience]),
    )
    found = release(timeout=timeout)
    found.url()
    found.api()
    assert seen == [waits, waits, waits, waits]


def test_a_name_that_nothing_can_have_is_refused_before_a_cluster_is_asked(monkeypatch):
    monkeypatch.setattr(Kube, "connect", lambda *_: pytest.fail("asked"))
    assert refusal(module.attach, Settings(namespace="a/b")).code == ExitCode.USAGE


def test_flower_has_an_address_of_its_own(fake, release, forwards):
    add_flower(fake)
    assert release().flower_url() == "http://127.0.0.1:1"
    flower = add_workload(fake, "flower")
    env = [{"name": "KIT_FLOWER_URL_PREFIX", "value": "/airflow/flower"}]
    flower["spec"]["template"]["spec"]["containers"][0]["env"] = env
    assert release().flower_url() == "http://127.0.0.1:1/airflow/flower/"
    assert {(target.service, target.port) for target in forwards} == {("airflow-flower", 5555)}


def test_flower_is_opened_by_its_node_port_where_it_has_one(fake, release, forwards, monkeypatch):
    add_flower(fake)
    add_service(fake, node_port=30810, component="flower", number=5555)
    address(monkeypatch, "10.9.9.2")
    assert release().flower_url() == "http://10.9.9.2:30810"
    assert not forwards


def test_credentials_name_the_login_of_flower_where_there_is_one(fake, release, forwards):
    assert read_credentials(release()) == Credentials("http://127.0.0.1:1", *FAB, "boss", "p$%ä")
    add_flower(fake)
    values = {**VALUES, "flower": {"username": "gardener"}}
    assert read_credentials(release(values)) == Credentials(
        "http://127.0.0.1:1", *FAB, "boss", "p$%ä", "gardener", "pf"
    )
    assert read_credentials(release(None)).flower_username == "admin"
