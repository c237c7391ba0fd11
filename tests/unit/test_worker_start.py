"""The image's start-up hook and the runtime of deferred imports, with a stand-in for Airflow: whom they change."""

from __future__ import annotations

import gc
import marshal
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from kitctl.model.versions import data_dir

DOCKER = data_dir("docker") / "airflow"
ENTRY = "airflow.sdk.execution_time.execute_workload"
MODULES = {
    "airflow/__init__.py": "import os\nfrom airflow import configuration\n",
    "airflow/configuration.py": "class conf:\n    mask_secrets = staticmethod(lambda: print('masked'))\n",
    "airflow/sdk/__init__.py": "",
    "airflow/sdk/execution_time/__init__.py": "",
    "airflow/sdk/execution_time/supervisor.py": "import gc\nprint(gc.get_threshold()[0] > 50_000)\n",
    "airflow/dag_processing/__init__.py": "",
    "airflow/dag_processing/importers/__init__.py": "",
    "airflow/dag_processing/importers/python_importer.py": (
        "import signal\ndef load(): return signal.signal(signal.SIGSEGV, lambda *_: None)\n"
    ),
    "airflow_local_settings.py": "import gc\nprint('settings', gc.get_threshold()[0] < 50_000)\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in MODULES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("sitecustomize.py", "airflow_kit_deferral.py"):
        shutil.copy(DOCKER / name, tmp_path)
    (tmp_path / "airflow_kit_deferral.data").write_bytes(marshal.dumps((MAGIC_NUMBER, {}, {})))
    return tmp_path


def run(site: Path, argv: list[str], *, text: str = "", **env: str) -> list[str]:
    """Run Python as in a worker pod; returns the lines that it prints."""
    path = site.joinpath(*ENTRY.split(".")).with_suffix(".py")
    path.write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(site), "AIRFLOW_IS_K8S_EXECUTOR_POD": "True", **env}
    done = subprocess.run([sys.executable, *argv], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


MARK = "_AIRFLOW__REEXECUTED_PROCESS"
LOOK = f"import gc, os, sys; print(gc.get_threshold(), gc.get_freeze_count(), os.environ.get({MARK!r}))"
USUAL = f"{gc.get_threshold()} 0 None"
TASK = f"""
import airflow_local_settings, gc, os
import airflow.sdk.execution_time.supervisor
print(gc.get_threshold()[0] < 50_000, gc.get_freeze_count() > 1000, flush=True)
if not os.fork():
    {LOOK}
    gc.freeze()
    sys.stdout.flush()
    if not os.fork():
        print(gc.get_freeze_count() > 1000, flush=True)
        os._exit(0)
    os.wait()
    os._exit(0)
os.wait()
"""


def test_the_supervisor_imports_with_few_collections_and_user_code_finds_pythons_own_settings(site: Path) -> None:
    assert run(site, ["-m", ENTRY], text=TASK) == [
        "masked",  # Airflow leaves this out together with the engine
        "settings True",
        "True",
        "True True",
        USUAL,  # the task
        "True",  # a child of the task that froze what it held
    ]


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (["-c", LOOK], {}),
        (["-c", LOOK, "scheduler"], {}),
        (["-c", LOOK, ENTRY], {}),
        (["-m", ENTRY], {"AIRFLOW_IS_K8S_EXECUTOR_POD": "False"}),
        (["-m", ENTRY], {"AIRFLOW_KIT_DEFER_IMPORTS": "False"}),
    ],
    ids=["a Python of the task", "scheduler", "a word", "another pod", "switch"],
)
def test_every_other_python_is_as_released(site: Path, argv: list[str], env: dict[str, str]) -> None:
    look = f"{LOOK}; print(sys.meta_path[0].__name__, 'airflow_kit_deferral' in sys.modules)"
    found = run(site, [look if word == LOOK else word for word in argv], text=look, **env)
    assert [line for line in found if line != "masked"] == [USUAL, "BuiltinImporter False"]


CYCLE = """
class Holder:
    def __del__(self):
        self.file.close()
holder = Holder()
holder.me, holder.file = holder, open({!r}, "w")
holder.file.write("the last line")
del holder
"""


@pytest.mark.parametrize("argv", [["-c", CYCLE], ["-m", ENTRY]], ids=["a Python of the task", "supervisor"])
def test_a_file_that_a_cycle_holds_open_keeps_its_last_lines(site: Path, tmp_path: Path, argv: list[str]) -> None:
    code = CYCLE.format(str(tmp_path / "out"))
    run(site, [code if word == CYCLE else word for word in argv], text=f"import {ENTRY[:26]}.supervisor\n{code}")
    assert (tmp_path / "out").read_text() == "the last line"


CRASH = """
import ctypes, os, signal
from airflow.dag_processing.importers import python_importer
python_importer.load()
if not (child := os.fork()):
    signal.setitimer(signal.ITIMER_REAL, 0.5)  # ends a child that would repeat its crash for ever
    ctypes.string_at(0)
print(os.WTERMSIG(os.waitpid(child, 0)[1]))
mine = lambda *_: None
signal.signal(signal.SIGSEGV, mine)
print(signal.getsignal(signal.SIGSEGV) is mine, signal.signal.__module__)
"""


def test_a_task_that_crashes_ends_and_handlers_of_its_own_count(site: Path) -> None:
    assert run(site, ["-m", ENTRY], text=CRASH)[1:] == [str(int(signal.SIGSEGV)), "True signal"]
    found = run(site, ["-m", ENTRY], text=CRASH, AIRFLOW_KIT_DEFER_IMPORTS="False")
    assert found == [str(int(signal.SIGALRM)), "True signal"]


FORKED = """
import gc, os
for _ in range(10):
    before = gc.get_freeze_count()
    if not os.fork():
        print(int(gc.get_freeze_count() > 1000), int(gc.get_freeze_count() > before), flush=True)
        os._exit(0)
    os.wait()
    kept = [[] for _ in range(100)]
"""


@pytest.mark.parametrize("component", ["scheduler", "triggerer"])
def test_the_processes_of_a_component_share_what_it_imported(site: Path, component: str) -> None:
    (site / "bin").mkdir()
    (site / "bin" / "airflow").write_text(FORKED)
    assert run(site, [str(site / "bin" / "airflow"), component]) == [*["1 1"] * 8, *["1 0"] * 2]
    assert set(run(site, [str(site / "bin" / "airflow"), "dag-processor"])) == {"0 0"}


FORKED_TWICE = """
import gc, os
if not os.fork():
    before, mine = gc.get_freeze_count(), [[] for _ in range(100)]
    if not os.fork():
        print(int(before > 1000), gc.get_freeze_count() - before)
        os._exit(0)
    os.wait()
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize("component", ["scheduler", "triggerer"])
def test_what_runs_in_such_a_process_forks_with_pythons_own_collector(site: Path, component: str) -> None:
    (site / "bin").mkdir()
    (site / "bin" / "airflow").write_text(FORKED_TWICE)
    assert run(site, [str(site / "bin" / "airflow"), component]) == ["1 0"]
