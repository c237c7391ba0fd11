"""Each refusal in Helm's words on its own, with the key without which Helm could go on."""

from pathlib import Path

from kitctl.tools.helm.refusals import each

SCHEMA = """Error: values don't meet the specifications of the schema(s) in the following chart(s):
airflow:
- at '/env/0/value': got number, want null or string
- at '/scheduler': validation failed
  - at '/scheduler/replicas': got string, want null or integer
  - at '/scheduler': additional properties 'b', 'replcas' not allowed
- at '/image': missing properties 'tag', 'repository'
- at '/logs': anyOf failed
  - at '/logs': got string, want object
  - at '/logs': got string, want null
"""
CHART = """Error: execution error at (airflow/templates/validate.yaml:2:4):

[exec-without-rights] workers.allowExec is true, but workers.podOperatorRights is false
  allowExec adds pods/exec.

    workers:
      podOperatorRights: true

[config-secret] config.a.b may hold a secret
  Everybody could read it.

    env: []


Use --debug flag to render out invalid YAML
"""
POD = "Error: x\n[pod-template-invalid] workers.templates.one.two is not of kind Pod.\n  Fix: Begin it with kind: Pod\n"


def test_the_schema_refuses_each_key_once() -> None:
    found = {(one.error.id, one.place) for one in each(SCHEMA)}
    assert found == {
        ("values-wrong-type", ("env", "0", "value")),
        ("values-wrong-type", ("scheduler", "replicas")),
        ("values-unknown-key", ("scheduler", "b")),
        ("values-unknown-key", ("scheduler", "replcas")),
        ("values-missing-key", ("image",)),
        ("values-wrong-type", ("logs",)),
    }
    assert len(each(SCHEMA)) == 7
    assert all(one.by_kit and one.error.message and one.error.fix for one in each(SCHEMA))


def test_a_refusal_names_the_file_that_sets_its_key(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("scheduler: {replcas: 2}\n")
    (unknown,) = [one for one in each(SCHEMA, [file]) if one.place == ("scheduler", "replcas")]
    assert f"{file} sets scheduler.replcas" in unknown.error.cause
    assert "replicas': got" not in unknown.error.cause


def test_the_rules_of_the_chart_have_id_cause_and_fix_each() -> None:
    first, second = (one.error for one in each(CHART))
    assert (first.id, second.id) == ("exec-without-rights", "config-secret")
    assert (first.cause, first.fix) == ("allowExec adds pods/exec.", "workers:\n  podOperatorRights: true")
    assert (second.cause, second.fix) == ("Everybody could read it.", "env: []")


def test_a_worker_pod_that_ends_the_render_names_its_key() -> None:
    (one,) = each(POD)
    assert (one.error.id, one.place) == ("pod-template-invalid", ("workers", "templates", "one.two"))
    assert one.error.fix == "Begin it with kind: Pod"


def test_what_helm_itself_says_is_one_refusal() -> None:
    (one,) = each("Error: something else")
    assert (one.error.id, one.by_kit, one.place) == ("helm-failed", False, ())
