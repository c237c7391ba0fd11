"""What is told about a DAG file from its text alone."""

import pytest

from kitctl.model.dags import rules as dag_rules
from kitctl.model.dags.findings import Severity

ONE = ["KubernetesExecutor"]


def rules(source: str, executors: list[str] = ONE) -> list[tuple[str, int]]:
    return [(f.rule, f.line) for f in dag_rules.check(source, "dag.py", executors)]


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("from airflow.contrib.operators.kubernetes_pod_operator import KubernetesPodOperator", "operators.pod"),
        (
            "from airflow.providers.cncf.kubernetes.operators.kubernetes_pod import KubernetesPodOperator",
            "operators.pod",
        ),
        ("from airflow.kubernetes.secret import Secret", "cncf.kubernetes.secret"),
        ("from airflow.operators.dummy_operator import DummyOperator", "EmptyOperator"),
        ("from airflow.operators.dummy import DummyOperator", "EmptyOperator"),
        ("from airflow.operators.subdag import SubDagOperator", "TaskGroup"),
        ("from airflow.operators.bash_operator import BashOperator", "standard.operators.bash"),
        ("from airflow.operators.python_operator import PythonOperator", "standard.operators.python"),
        ("import airflow.contrib.hooks.ssh_hook", "provider"),
        ("from airflow.utils.dates import days_ago", "pendulum"),
        ("from airflow.executors.celery_kubernetes_executor import CeleryKubernetesExecutor", "executors"),
    ],
)
def test_a_module_that_is_gone_is_named_with_its_new_place_even_when_unused(line: str, new: str):
    (found,) = dag_rules.check(line, "dag.py", ONE)
    assert (found.rule, found.line, found.severity) == ("import-removed", 1, Severity.ERROR)
    assert new in found.fix


@pytest.mark.parametrize(
    "line",
    [
        "from airflow.sdk import DAG",
        "from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator",
        "from airflow.providers.standard.operators.bash import BashOperator",
        "from airflow.utils.dates import datetime_to_nano",
        "from .contrib import helper",
        "from mycompany.airflow.contrib import thing",
    ],
)
def test_a_module_that_airflow_3_has_is_left_alone(line: str):
    assert rules(line) == []


def test_executor_config_of_airflow_2_is_found_where_it_stands():
    source = "config = {\n  'KubernetesExecutor': {'image': 'x'}}\ntask(executor_config=config)"
    assert rules(source) == [("executor-config-airflow2", 1)]


def test_pod_override_is_left_alone():
    assert rules("task(executor_config={'pod_override': pod})") == []


def test_an_executor_that_the_release_lacks_is_refused():
    assert rules("task(executor='CeleryExecutor')") == [("executor-unknown", 1)]
    assert rules("task(executor='CeleryExecutor')", ["KubernetesExecutor", "CeleryExecutor"]) == []


def test_a_task_may_select_an_executor_by_its_alias_or_its_class():
    listed = ["fast:LocalExecutor", "my.module.Executor"]
    for name in ("fast", "LocalExecutor", "my.module.Executor", "Executor"):
        assert rules(f"task(executor={name!r})", listed) == []
    assert rules("task(executor='module.Executor')", listed) == [("executor-unknown", 1)]


def test_the_hybrid_executors_of_airflow_2_are_refused_whatever_the_release_has():
    (found,) = dag_rules.check("task(executor='CeleryKubernetesExecutor')", "d.py", ["CeleryKubernetesExecutor"])
    assert "executors:" in found.fix


def test_a_renamed_option_is_reported_with_its_new_name():
    (found,) = dag_rules.check("x = conf.get('webserver', 'base_url')", "d.py", ONE)
    assert "[api] base_url" in found.fix
    assert rules("x = conf.get('core', 'parallelism')") == []
    assert rules("x = conf.getint('kubernetes', 'namespace')") == [("option-renamed", 1)]


@pytest.mark.parametrize(
    ("call", "severity"),
    [
        ("conf.get('core', 'task_runner')", Severity.ERROR),
        ("conf.getboolean('core', 'check_slas', fallback=True)", Severity.WARNING),
    ],
)
def test_an_option_that_is_gone_is_reported_and_stops_only_what_cannot_do_without(call, severity):
    (found,) = dag_rules.check(f"x = {call}", "d.py", ONE)
    assert (found.rule, found.severity) == ("option-removed", severity)
    assert "was removed in Airflow 3" in found.message


def test_the_whole_table_of_renamed_options_is_known():
    (found,) = dag_rules.check("x = conf.get('kubernetes_executor', 'worker_pods_pending_timeout')", "d.py", ONE)
    assert "[scheduler] task_queued_timeout" in found.fix


def test_an_argument_that_airflow_3_refuses_is_an_error_and_one_that_still_works_a_warning():
    source = "a = Op(provide_context=True)\nb = Op(is_delete_operator_pod=True)"
    found = dag_rules.check(source, "d.py", ONE)
    assert [f.severity for f in found] == [Severity.ERROR, Severity.WARNING]


LOOKUP = "from airflow.sdk import Variable\n"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = Variable.get('a')", [2]),
        ("with DAG('x'):\n    Op(y=Variable.get('a'))", [3]),
        ("@dag\ndef d():\n    x = Variable.get('a')", [4]),
        ("@dag()\ndef d():\n    @task\n    def t():\n        return Variable.get('a')", []),
        ("def helper():\n    return Variable.get('a')", []),
    ],
)
def test_a_lookup_counts_only_where_every_parse_runs_it(source: str, lines: list[int]):
    assert rules(LOOKUP + source) == [("top-level-lookup", n) for n in lines]


def test_a_file_that_is_no_python_gives_one_finding_with_its_line():
    assert rules("x = 1\ndef f(:\n") == [("syntax-error", 2)]
    assert rules("x = '\0'") == [("syntax-error", 0)]


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ("x = DAG('a')", ["a"]),
        ("with DAG(dag_id='b') as d, other():\n  pass", ["b"]),
        ("@dag\ndef c(): ...\nc()", ["c"]),
        ("@dag(dag_id='d')\ndef e(): ...\nx = e()", ["d"]),
        ("for n in (1, 2):\n  if n:\n    x = airflow.DAG('f')", ["f"]),
        ("DAG('nobody holds it')", []),
        ("@dag\ndef never_called(): ...", []),
        ("def factory():\n  return DAG('x')", []),
        ("def factory():\n  x = DAG('x')", []),
        ("x = DAG(name)", []),
        ("@dag(dag_id=name)\ndef g(): ...\ng()", []),
        ("def (", []),
    ],
)
def test_only_what_surely_becomes_a_dag_counts_as_one(source: str, ids: list[str]):
    assert [dag_id for dag_id, _ in dag_rules.dag_ids(source)] == ids
