"""kitctl.yaml: where it is found, and what is read from it, with lines; everything that it cannot be is told."""

import os

import pytest

from kitctl.errors import KitError
from kitctl.model import project_file
from kitctl.model.project_file import Item


@pytest.fixture
def write(tmp_path):
    """Write a project file; returns its path."""

    def put(text, folder="."):
        path = tmp_path / folder / "kitctl.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return put


@pytest.fixture
def deep(tmp_path):
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    return folder


def test_the_file_of_the_folder_itself_comes_first(write, tmp_path, deep):
    write("", "a")
    near = write("", "a/b/c")
    assert project_file.find(deep, None) == near


def test_without_one_the_nearest_above_is_taken(write, tmp_path, deep):
    write("", ".")
    near = write("", "a")
    assert project_file.find(deep, None) == near


@pytest.mark.parametrize("edge", ["file", "folder"])
def test_the_git_root_ends_the_search(write, tmp_path, deep, edge):
    write("", ".")
    git = tmp_path / "a" / ".git"
    git.mkdir() if edge == "folder" else git.write_text("gitdir: elsewhere")  # that of a worktree is a file
    assert project_file.find(deep, None) is None
    inside = write("", "a")
    assert project_file.find(deep, None) == inside


def test_the_home_folder_ends_the_search(write, tmp_path, deep):
    write("", ".")
    assert project_file.find(deep, tmp_path / "a") is None
    assert project_file.find(tmp_path, tmp_path / "a") == tmp_path / "kitctl.yaml"


def test_a_folder_to_which_everybody_may_write_ends_the_search(write, tmp_path, deep):
    write("", "a")
    (tmp_path / "a").chmod(0o1777)
    assert project_file.find(deep, None) is None
    assert project_file.find(tmp_path / "a", None) == tmp_path / "a" / "kitctl.yaml"  # one who works there knows it


def test_texts_stay_as_they_were_written(write):
    found = project_file.read(write("kubernetes-version: 1.30\ngit-ref: 1e10\nwait: no\ntag: 'a b' # why\nimage:\n"))
    assert {key: entry.value for key, entry in found.entries.items()} == {
        "kubernetes-version": "1.30",
        "git-ref": "1e10",
        "wait": "no",
        "tag": "a b",
        "image": None,
    }


def test_settings_know_their_line_and_environment(write):
    found = project_file.read(
        write(
            "release: a\nenvironment: dev\nenvironments:\n  dev:\n    values: [a, b]\n  prod:\n    set:\n      x: 1\n"
        )
    )
    assert found.default is not None
    assert (found.default.value, found.default.line) == ("dev", 2)
    dev, prod = found.environments["dev"]["values"], found.environments["prod"]["set"]
    assert (dev.line, dev.environment, dev.value) == (5, "dev", [Item("a", "a"), Item("b", "b")])
    assert (prod.line, prod.environment, prod.value) == (7, "prod", {"x": Item("1", 1)})
    assert found.place(found.entries["release"]) == "kitctl.yaml line 1"
    assert found.place(prod) == "kitctl.yaml environments.prod line 7"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null\n", "environments:\n", "environments: {dev: }\n"])
def test_an_empty_file_sets_nothing(write, text):
    found = project_file.read(write(text))
    assert (found.entries, found.default) == ({}, None)
    assert all(not entries for entries in found.environments.values())


def test_a_device_sets_nothing():
    assert project_file.read(project_file.Path(os.devnull)).entries == {}


def test_a_byte_order_mark_is_no_part_of_the_first_key(write):
    assert list(project_file.read(write("release: a\n".encode("utf-8-sig"))).entries) == ["release"]


def test_anchors_and_merge_keys_work_and_own_keys_win(write):
    text = (
        "environments:\n  dev: &dev\n    namespace: a\n    release: r\n"
        "  prod:\n    <<: *dev\n    namespace: b\n  test: *dev\n"
    )
    found = project_file.read(write(text)).environments
    assert {name: {k: e.value for k, e in inner.items()} for name, inner in found.items()} == {
        "dev": {"namespace": "a", "release": "r"},
        "prod": {"namespace": "b", "release": "r"},
        "test": {"namespace": "a", "release": "r"},
    }
    assert found["test"]["release"].environment == "test"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("release: [a\n", "project-not-yaml", "line 2"),
        ("release:\ta\n\tb: c\n", "project-not-yaml", "line"),
        ("a: 1\n---\nb: 2\n", "project-not-yaml", "line 2"),
        ("a: *b\n", "project-not-yaml", "line 1"),
        ("set: [!!python/name:os.system '']\n", "project-not-yaml", "line 1"),
        ("set-json: {a: 2026-13-45}\n", "project-not-yaml", ""),
        ("a: &a [*a]\n", "project-not-yaml", "line 1"),
        ("release: a\n\nrelease: b\n", "project-key-repeated", "line 3: release"),
        ("environments:\n  dev:\n    a: 1\n    a: 2\n", "project-key-repeated", "line 4: a"),
        ("environments:\n  dev: {}\n  dev: {}\n", "project-key-repeated", "line 3: dev"),
        ("set:\n  a: 1\n  a: 2\n", "project-key-repeated", "line 3: a"),
        ("- a\n", "project-value-wrong", "line 1: The top level must be a mapping"),
        ("just words\n", "project-value-wrong", "line 1: The top level must be a mapping"),
        ("environments: [dev]\n", "project-value-wrong", "line 1: environments must be a mapping"),
        ("environments:\n  dev: 1\n", "project-value-wrong", "line 2: environments.dev must be a mapping"),
        ("environment: [dev]\n", "project-value-wrong", "line 1: environment must be the name of an environment"),
        (b"release: \xff\n", "project-unreadable", ""),
    ],
)
def test_what_a_file_cannot_be(write, text, error, words):
    with pytest.raises(KitError) as found:
        project_file.read(write(text))
    assert (found.value.id, int(found.value.code)) == (error, 2)
    assert words in found.value.message
    assert found.value.cause
    assert found.value.fix


@pytest.mark.parametrize("folder", [".", "a/b/c"])
def test_another_ending_is_told_where_the_file_would_have_been_read(write, tmp_path, deep, folder):
    other = write("namespace: team", folder).with_suffix(".yml")
    (tmp_path / folder / "kitctl.yaml").rename(other)
    with pytest.raises(KitError) as found:
        project_file.find(deep, None)
    assert (found.value.id, int(found.value.code)) == ("project-misnamed", 2)
    assert found.value.fix == f"mv {other} {other.with_suffix('.yaml')}"
    write("", "a/b/c")
    assert project_file.find(deep, None) == deep / "kitctl.yaml"


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(KitError) as found:
        project_file.read(tmp_path / "none.yaml")
    assert (found.value.id, int(found.value.code)) == ("project-missing", 2)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(KitError) as found:
        project_file.read(tmp_path)
    assert found.value.id == "project-unreadable"
