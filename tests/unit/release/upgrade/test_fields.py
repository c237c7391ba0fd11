"""Differences of objects have paths that people can read, and show no secret."""

import pytest

from kitctl.release.upgrade.fields import Field, differences


def pod(**container):
    containers = [{"name": "api-server", "image": "a:1", **container}]
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": containers}}}}


BASE = "spec.template.spec.containers[api-server]"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (pod(), pod(), []),
        (pod(), pod(image="a:2"), [Field(f"{BASE}.image", "a:1", "a:2")]),
        (pod(), pod(tty=True), [Field(f"{BASE}.tty", None, True)]),
        (
            pod(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]),
            pod(env=[{"name": "B", "value": "2"}]),
            [Field(f"{BASE}.env[A].value", "1", None), Field(f"{BASE}.env[B].value", "1", "2")],
        ),
        (
            pod(env=[{"name": "MY_TOKEN", "value": "s3cret"}]),
            pod(env=[{"name": "MY_TOKEN", "value": "s3cret2"}]),
            [Field(f"{BASE}.env[MY_TOKEN].value", "***", "***")],
        ),
        (
            pod(volumeMounts=[{"mountPath": "/a", "name": "x"}, {"mountPath": "/b", "name": "x"}]),
            pod(volumeMounts=[{"mountPath": "/a", "name": "x", "readOnly": True}, {"mountPath": "/b", "name": "x"}]),
            [Field(f"{BASE}.volumeMounts[/a].readOnly", None, True)],
        ),
        (
            pod(),
            pod(ports=[{"containerPort": 80, "name": "web"}]),
            [Field(f"{BASE}.ports[web]", None, {"containerPort": 80, "name": "web"})],
        ),
        (
            pod(args=["a", "--password", "s3cret"]),
            pod(args=["a", "--password", "s3cret2", "b"]),
            [Field(f"{BASE}.args", ["a", "--password", "***"], ["a", "--password", "***", "b"])],
        ),
        (
            {"metadata": {"labels": {"helm.sh/chart": "a-1", "plain": "x"}}},
            {"metadata": {"labels": {"helm.sh/chart": "a-2", "plain": "x"}}},
            [Field("metadata.labels[helm.sh/chart]", "a-1", "a-2")],
        ),
        ({"rules": [{"verbs": ["get"]}]}, {"rules": []}, [Field("rules[0].verbs", ["get"], [])]),
        ({"spec": {"a": None}}, {"spec": {}}, []),
    ],
)
def test_fields_that_differ(old, new, found):
    assert differences(old, new) == found


def test_another_order_of_named_items_is_a_difference():
    one, two = {"name": "a"}, {"name": "b"}
    assert differences({"x": [one, two]}, {"x": [two, one]}) == [Field("x (order)", ["a", "b"], ["b", "a"])]


def test_no_value_of_a_secret_is_shown():
    old = {"kind": "Secret", "data": {"a": "czNjcmV0", "b": "eA=="}, "stringData": {"c": "s3cret"}}
    new = {"kind": "Secret", "data": {"a": "czNjcmV0Mg==", "b": "eA=="}}
    found = differences(old, new)
    assert [(f.path, f.old, f.new) for f in found] == [("data.a", "***", "***"), ("stringData.c", "***", None)]


def text(data):
    return {"kind": "ConfigMap", "data": {"airflow.cfg": data}}


def test_long_texts_are_compared_line_by_line():
    old = "\n".join(["[core]", *(f"x{number} = 1" for number in range(20)), "parallelism = 1", "end"])
    (found,) = differences(text(old), text(old.replace("parallelism = 1", "parallelism = 2")))
    assert (found.path, found.old, found.new) == ("data[airflow.cfg]", None, None)
    assert found.lines == [
        "@@ -19,5 +19,5 @@",
        " x17 = 1",
        " x18 = 1",
        " x19 = 1",
        "-parallelism = 1",
        "+parallelism = 2",
        " end",
    ]


def test_a_secret_that_changes_in_a_text_is_seen_and_not_shown():
    old = "a = 1\npassword = s3cret\nb = 1"
    (found,) = differences(text(old), text(old.replace("s3cret", "s3cret2")))
    assert found.lines[1:] == [" a = 1", "-password = ***", "+password = ***", " b = 1"]
    (found,) = differences({"password": "s3\ncret"}, {"password": "s3\ncret2"})
    assert found.lines == ["-***", "+***"]


def test_a_script_in_a_command_is_compared_line_by_line():
    (found,) = differences(pod(args=["-c", "a\nb\n"]), pod(args=["-c", "a\nc\n"]))
    assert (found.path, found.lines) == (f"{BASE}.args[1]", ["@@ -1,2 +1,2 @@", " a", "-b", "+c"])


def test_only_the_last_line_break_differs():
    (found,) = differences(text("a\nb"), text("a\nb\n"))
    assert found.lines == ["(only the line break at the end differs)"]
