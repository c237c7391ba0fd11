"""docker/check/dag_findings.py: Airflow's words become findings. Runs without Airflow, as the module does."""

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

SCRIPT = Path(__file__).parents[2] / "docker" / "check" / "dag_findings.py"


@pytest.fixture(scope="module")
def judge() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dag_findings", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "rule", "severity"),
    [
        ("AirflowDagCycleException: Cycle detected in Dag: c", "dag-cycle", "error"),
        ("UnknownExecutorException: Task 'b' specifies executor 'X'", "executor-unknown", "error"),
        ("AirflowTaskTimeout: DagBag import timeout", "dag-import-timeout", "error"),
        ("sqlite3.OperationalError: no such table: variable", "top-level-lookup", "warning"),
        ("VARIABLE_NOT_FOUND: {'message': 'x'}", "top-level-lookup", "warning"),
        ("ModuleNotFoundError: No module named 'pandas'", "dag-import-error", "error"),
    ],
)
def test_airflows_words_become_a_rule(judge: ModuleType, text: str, rule: str, severity: str):
    found = judge.import_finding(f"Traceback\n{text}\n", Path("/dags/a.py"), "a.py")
    assert (found["rule"], found["severity"], found["file"]) == (rule, severity, "a.py")


def test_the_line_is_the_last_one_of_the_file_itself(judge: ModuleType):
    trace = 'File "/dags/a.py", line 3\nFile "/dags/a.py", line 7\nFile "/usr/lib/x.py", line 9\nKeyError: 1'
    assert judge.import_finding(trace, Path("/dags/a.py"), "a.py")["line"] == 7


def test_a_missing_package_is_to_be_installed_but_a_missing_part_of_airflow_is_not(judge: ModuleType):
    def fix(module: str) -> str:
        return judge.import_finding(f"ModuleNotFoundError: No module named '{module}'", Path("/a.py"), "a.py")["fix"]

    assert "pandas" in fix("pandas.io")
    assert fix("airflow.contrib") == ""


class V1Pod(SimpleNamespace):
    """Looks like Kubernetes' model to a check that only reads its name and fields."""


def pod(*names: str) -> V1Pod:
    return V1Pod(spec=SimpleNamespace(containers=[SimpleNamespace(name=n) for n in names]))


@pytest.mark.parametrize(
    ("config", "rules"),
    [
        (None, []),
        ({}, []),
        ({"pod_override": pod("base", "x")}, []),
        ({"pod_override": V1Pod(spec=None)}, []),
        ({"pod_override": pod("x", "base")}, ["pod-override-base"]),
        ({"podOverride": pod("x")}, ["executor-config-ignored"]),
        ({"pod_templatefile": "x", "overrides": {"cpu": 1}}, ["executor-config-ignored"]),
        ({"pod_override": {"spec": {}}}, ["executor-config-invalid"]),
        ({"KubernetesExecutor": {}}, ["executor-config-airflow2"]),
        ("text", ["executor-config-invalid"]),
    ],
)
def test_what_a_task_asks_of_its_pod_is_judged(judge: ModuleType, config: object, rules: list[str]):
    dag = SimpleNamespace(dag_id="d", tasks=[SimpleNamespace(task_id="t", executor_config=config)])
    assert [f["rule"] for f in judge.task_findings(dag, "a.py")] == rules


PLACE = "/opt/airflow/pod_templates"


@pytest.mark.parametrize(
    ("named", "known", "good"),
    [
        (f"{PLACE}/gpu.yaml", (), True),
        (f"{PLACE}/gpu.yaml", ("default", "gpu"), True),
        (Path(f"{PLACE}/default.yaml"), ("default", "gpu"), True),
        (f"{PLACE}/big.yaml", ("default", "gpu"), False),
        (f"{PLACE}/gpu.yml", (), False),
        (f"{PLACE}/team/gpu.yaml", (), False),
        ("gpu.yaml", (), False),
        ("/opt/airflow/dags/pod.yaml", (), False),
    ],
)
def test_a_pod_template_that_the_scheduler_does_not_have_is_found(
    judge: ModuleType, named: object, known: tuple[str, ...], good: bool
):
    task = SimpleNamespace(task_id="t", executor_config={"pod_template_file": named})
    found = list(judge.task_findings(SimpleNamespace(dag_id="d", tasks=[task]), "a.py", known))
    assert [f["rule"] for f in found] == ([] if good else ["pod-template-unknown"])
    assert all("gpu" in f["fix"] for f in found if known)


def test_the_same_id_twice_in_one_file_is_no_duplicate(judge: ModuleType):
    dags = [{"dag_id": "a", "file": "x.py"}, {"dag_id": "a", "file": "x.py"}, {"dag_id": "a", "file": "y.py"}]
    assert [f["file"] for f in judge.duplicates(dags)] == ["y.py"]
