"""The names that the CLI knows are those that the chart makes."""

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.names import check, names
from kitctl.model.versions import data_dir
from kitctl.release.cleanup.claims_and_keys import own_claims
from kitctl.tools.helm.client import Helm, documents
from kitctl.tools.helm.sources import Sources
from kitctl.tools.kube.objects import INSTANCE, Claim

CASES = [
    ("airflow", {}),
    ("dev", {}),
    ("my-airflow-2", {}),
    ("dev", {"fullnameOverride": "x-y"}),
    ("dev", {"nameOverride": "flow"}),
    ("flow-1", {"nameOverride": "flow"}),
    ("a-release-with-a-name-that-is-rather-long-indeed-53", {}),
    ("dev", {"workers": {"namespace": "tasks"}, "logs": {"persistence": {"enabled": False}}}),
]


@pytest.mark.parametrize(("release", "values"), CASES)
def test_chart_and_cli_agree_on_names(release, values, tmp_path):
    given = tmp_path / "values.yaml"
    given.write_text(yaml.safe_dump(values))
    objects = documents(Helm().template(data_dir("chart"), release, "ns", Sources((given,))))
    made = {(o["kind"], o["metadata"]["name"]): o for o in objects}
    known = names(release, "ns", values)
    assert ("Deployment", known.of("api-server")) in made
    assert ("ConfigMap", known.of("config")) in made
    postgres = made["StatefulSet", known.of("postgres")]
    (claim,) = postgres["spec"]["volumeClaimTemplates"]
    assert f"{claim['metadata']['name']}-{known.of('postgres')}-0" == known.postgres_claim
    assert f"name: {known.keys}" in yaml.safe_dump(made["Deployment", known.of("api-server")])
    role = made["Role", known.of("scheduler")]
    assert role["metadata"]["namespace"] == known.executor_namespace


@pytest.mark.parametrize("mode", ["pvc", "bundle"])
@pytest.mark.parametrize(("release", "prefix"), [("dev", {}), ("dev", {"fullnameOverride": "x-y"})])
def test_chart_and_cli_agree_on_claims_and_their_labels(release, prefix, mode, tmp_path):
    cache = {"cache": {"size": "1Gi"}, "items": [{"name": "main", "repo": "https://git.example.com/dags.git"}]}
    values = {**prefix, "dags": {"mode": mode, **({"bundle": cache} if mode == "bundle" else {})}}
    given = tmp_path / "values.yaml"
    given.write_text(yaml.safe_dump(values))
    objects = documents(Helm().template(data_dir("chart"), release, "ns", Sources((given,))))
    made = {o["metadata"]["name"]: o["metadata"]["labels"] for o in objects if o["kind"] == "PersistentVolumeClaim"}
    (postgres,) = (o for o in objects if o["kind"] == "StatefulSet")
    (template,) = postgres["spec"]["volumeClaimTemplates"]
    made[f"data-{postgres['metadata']['name']}-0"] = template["metadata"]["labels"]
    read = [Claim(name, "Bound", (), "", labels, "") for name, labels in made.items()]
    assert len(read) == 3
    known = names(release, "ns", values)
    assert own_claims(read, [known]) == read
    assert {claim.labels[INSTANCE] for claim in read} == {release}


def test_an_existing_secret_is_not_ours():
    known = names("airflow", "ns", {"keys": {"existingSecret": "mine"}})
    assert (known.keys, known.keys_are_ours) == ("mine", False)


@pytest.mark.parametrize(
    ("release", "namespace", "error", "suggested"),
    [
        ("My_Release", "airflow", "release-name-invalid", "my-release"),
        ("-x", "airflow", "release-name-invalid", "--release x"),
        ("a" * 54, "airflow", "release-name-invalid", "a" * 53),
        ("", "airflow", "release-name-invalid", "airflow"),
        ("airflow", "Data.Team", "namespace-name-invalid", "data-team"),
        ("airflow", "n" * 64, "namespace-name-invalid", "n" * 63),
    ],
)
def test_names_that_kubernetes_refuses_are_refused_first(release, namespace, error, suggested):
    with pytest.raises(KitError) as raised:
        check(release, namespace)
    assert raised.value.id == error
    assert raised.value.code == ExitCode.USAGE
    assert raised.value.fix.endswith(suggested)


def test_good_names_pass():
    check("airflow-2", "team-a")


@pytest.mark.parametrize("kind", ["redis", "rabbitmq"])
def test_so_they_do_on_the_claim_of_a_broker(kind, tmp_path):
    given = tmp_path / "values.yaml"
    given.write_text(yaml.safe_dump({"executors": ["CeleryExecutor"], "broker": {"kind": kind}}))
    objects = documents(Helm().template(data_dir("chart"), "dev", "ns", Sources((given,))))
    (broker,) = (o for o in objects if o["kind"] == "StatefulSet" and o["metadata"]["name"].endswith(kind))
    (template,) = broker["spec"]["volumeClaimTemplates"]
    claim = Claim(f"data-{broker['metadata']['name']}-0", "Bound", (), "", template["metadata"]["labels"], "")
    assert own_claims([claim], [names("dev", "ns", {})]) == [claim]
