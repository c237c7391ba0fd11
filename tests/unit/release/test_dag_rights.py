"""DAGs that launch pods themselves are told of the right that they need, before their tasks fail for it."""

from pathlib import Path

import pytest

from kitctl.release.dag_rights import hint

LAUNCHING = ['KubernetesPodOperator(task_id="x")', '@task.kubernetes(image="a")\ndef x(): ...']


@pytest.mark.parametrize("text", LAUNCHING)
def test_a_folder_that_launches_pods_is_told_the_flag(tmp_path: Path, text: str):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "launch.py").write_text(text)
    (tmp_path / "plain.py").write_text("x = 1")
    told = hint(tmp_path, granted=False)
    assert "sub/launch.py" in told
    assert "plain.py" not in told
    assert "--set workers.podOperatorRights=true" in told


@pytest.mark.parametrize("text", LAUNCHING)
def test_nothing_is_told_where_the_right_is_granted(tmp_path: Path, text: str):
    (tmp_path / "launch.py").write_text(text)
    assert hint(tmp_path, granted=True) == ""


def test_nothing_is_told_of_other_dags(tmp_path: Path):
    (tmp_path / "a.py").write_text("from airflow.sdk import dag\n# KubernetesPodOperator would need a right")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "b.py").write_text(LAUNCHING[0])
    (tmp_path / "latin.py").write_bytes(b"# \xe9\n")
    assert hint(tmp_path, granted=False) == ""


def test_many_files_are_counted(tmp_path: Path):
    for number in range(7):
        (tmp_path / f"d{number}.py").write_text(LAUNCHING[0])
    assert "d4.py and 2 more launch pods" in hint(tmp_path, granted=False)
