"""Comments, texts and lines of old files, and the new file that has them."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from kitctl.model.migrate.document import Document
from kitctl.model.migrate.migrate import migrate
from kitctl.model.migrate.new_values import NewValues
from kitctl.model.migrate.origin import Origin
from kitctl.model.migrate.result import Migration
from kitctl.model.values.keys.peers import names
from tests.unit.test_values_examples import EXAMPLES


def migrated(text: str, chart: str = "official") -> Migration:
    text = dedent(text)
    return migrate(yaml.safe_load(text), {"old.yaml": text}, Origin(chart, "given", ""))


def new(text: str) -> str:
    """Return the new file without the default executor."""
    return migrated("executor: KubernetesExecutor\n" + dedent(text)).values.partition("\n\n")[2]


def test_comments_go_along_with_what_they_are_about() -> None:
    text = """\
    # The web server
    # of all teams
    webserver:  # was web
      # two are enough
      replicas: 2  # since May
    """
    assert new(text) == dedent("""\
    # The web server
    # of all teams
    apiServer:
      # two are enough
      replicas: 2  # since May
    """)


def test_a_comment_of_a_key_that_is_not_carried_is_left_out() -> None:
    text = "scheduler:\n  # never\n  command: [bash]\n  replicas: 3\n"
    assert new(text) == "scheduler:\n  replicas: 3\n"


def test_comments_and_quotes_inside_of_a_value_stay() -> None:
    text = """\
    scheduler:
      tolerations:
        # spot nodes
        - key: "spot"  # of the cloud
          operator: Exists

        # and
        - key: 'big'
    """
    assert new(text) == dedent(text)


def test_texts_of_several_lines_stay_blocks() -> None:
    text = """\
    airflowLocalSettings: |-
      import os

      def policy(task):
          pass
    """
    assert "  text: |-\n    import os\n\n    def policy(task):\n        pass\n" in new(text)


def test_anchors_and_merge_keys_are_written_out() -> None:
    text = """\
    triggerer: &small
      resources: &r
        requests: {cpu: 100m}
      tolerations: &t [{key: a}]
    dagProcessor:
      <<: *small
      tolerations: *t
    """
    found = yaml.safe_load(new(text))
    assert found["dagProcessor"] == found["triggerer"]
    assert "&" not in new(text)


def test_a_later_file_wins_and_its_line_is_told() -> None:
    texts = {"base.yaml": "webserver:\n  replicas: 1\n  resources: {}\n", "prod.yaml": "\n\nwebserver: {replicas: 3}\n"}
    done = migrate({"webserver": {"replicas": 3, "resources": {}}}, texts, Origin("official", "given", ""))
    places = {line.key: line.place for line in done.lines}
    assert places == {"executor": "default", "webserver.resources": "base.yaml:3", "webserver.replicas": "prod.yaml:3"}
    assert yaml.safe_load(done.values)["apiServer"] == {"replicas": 3}


def test_comments_with_secrets_are_left_out() -> None:
    text = """\
    webserver:
      # password: hunter2
      replicas: 2  # https://jane:hunter2@example.com
    scheduler:
      tolerations:
        # token = hunter2
        - key: a
    """
    assert "hunter2" not in str(migrated(text))


def test_a_default_of_the_other_chart_says_so() -> None:
    done = migrated("dags: {gitSync: {enabled: true, repo: https://git.example.com/a.git}}\n")
    assert "    # A default of the other chart.\n    subPath: tests/dags\n" in done.values
    assert [(line.key, line.why) for line in done.lines if not line.line] == [
        ("executor", "a default of the other chart"),
        ("dags.gitSync.subPath", "a default of the other chart"),
    ]


def test_two_keys_that_want_another_value_of_one_key_are_told() -> None:
    done = migrated(
        "scheduler: {logGroomerSidecar: {retentionDays: 3}}\nworkers: {logGroomerSidecar: {retentionDays: 9}}\n"
    )
    (first, second) = [line for line in done.lines if "retentionDays" in line.key]
    assert (first.verdict, second.verdict) == ("carried", "decide")
    assert "logs.persistence.retention.days" in second.why


def test_words_that_yaml_reads_as_something_else_stay_texts() -> None:
    words = [
        "yes",
        "0123",
        "1e3",
        "null",
        "a: b",
        "- x",
        "#",
        "",
        "x\ny",
        "2026-01-01",
        " x",
        "é",
        "{{ x }}",
        "&a",
        "*b",
    ]
    made = NewValues()
    for number, word in enumerate(words):
        made.put(("config", "core", f"k{number}"), word)
    assert list(yaml.safe_load(made.text())["config"]["core"].values()) == words


def test_the_line_of_a_key_is_that_of_the_file() -> None:
    text = "\n# x\na:\n  b.c: 1\n  d: [1,\n   2]\n"
    document = Document(yaml.safe_load(text), {"f": text}, {})
    assert [str(document.place(key)) for key, _ in document.leaves()] == ["f:4", "f:5"]
    assert document.place(names("a")).above == ("# x",)


def test_a_file_of_an_older_kit_gets_the_names_of_today() -> None:
    text = """\
    executors: [CeleryKubernetesExecutor]
    dags: {mode: persistent_mode}
    # parallel tasks
    config: {core: {dag_concurrency: 4, parallelism: 8}}
    scheduler: {replicas: 2, never: 1}
    """
    done = migrated(text, "airflow-kit")
    assert [(line.key, str(line.verdict)) for line in done.lines] == [
        ("executors", "changed"),
        ("dags.mode", "changed"),
        ("config.core.dag_concurrency", "carried"),
        ("config.core.parallelism", "carried"),
        ("scheduler.replicas", "carried"),
        ("scheduler.never", "dropped"),
    ]
    assert yaml.safe_load(done.values) == {
        "executors": ["CeleryExecutor", "KubernetesExecutor"],
        "dags": {"mode": "pvc"},
        "config": {"core": {"max_active_tasks_per_dag": 4, "parallelism": 8}},
        "scheduler": {"replicas": 2},
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_file_of_this_kit_stays_as_it_is(path: Path) -> None:
    """It has nothing to change, so each of its values, its comments and its head are in the new file."""
    text = path.read_text(encoding="utf-8")
    done = migrated(text, "airflow-kit")
    assert {str(line.verdict) for line in done.lines} <= {"carried", "unset"}
    assert yaml.safe_load(done.values) == yaml.safe_load(text)
    assert sorted(re.findall(r"# .*", done.values)) == sorted(re.findall(r"# .*", text))
