from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.model.image_ref import copy, digest, files, full


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("postgres:17", "docker.io/library/postgres:17"),
        ("postgres", "docker.io/library/postgres:latest"),
        ("apache/airflow:3.3.2", "docker.io/apache/airflow:3.3.2"),
        ("localhost:5000/x", "localhost:5000/x:latest"),
        ("localhost/x:1", "localhost/x:1"),
        ("kitctl.local/dags:abc", "kitctl.local/dags:abc"),
        ("apache/airflow@sha256:00", "docker.io/apache/airflow@sha256:00"),
    ],
)
def test_a_reference_is_written_as_runtimes_store_it(short: str, long: str) -> None:
    assert full(short) == long
    assert full(long) == long


def tree(root: Path) -> Path:
    (root / "sub").mkdir(parents=True)
    (root / "a.py").write_text("a")
    (root / "sub" / "b.py").write_text("b")
    return root


def test_the_same_content_in_another_place_has_the_same_digest(tmp_path: Path) -> None:
    assert digest([tree(tmp_path / "one")]) == digest([tree(tmp_path / "two")])
    assert len(digest([tmp_path / "one"])) == 12


@pytest.mark.parametrize("change", ["content", "name", "mode", "fact"])
def test_what_the_image_depends_on_changes_the_digest(tmp_path: Path, change: str) -> None:
    root = tree(tmp_path / "one")
    before = digest([root], ["base 1"])
    if change == "content":
        (root / "a.py").write_text("changed")
    elif change == "name":
        (root / "a.py").rename(root / "c.py")
    elif change == "mode":
        (root / "a.py").chmod(0o755)
    assert digest([root], ["base 2" if change == "fact" else "base 1"]) != before


def test_caches_and_version_control_do_not_count(tmp_path: Path) -> None:
    root = tree(tmp_path / "one")
    before = digest([root])
    for noise in (".git", "__pycache__", ".venv"):
        (root / noise).mkdir()
        (root / noise / "x").write_text("x")
    assert digest([root]) == before
    assert [p.name for p in files(root)] == ["a.py", "b.py"]


def linked(root: Path) -> Path:
    """Return a folder with links of all kinds: relative, out of the folder, to folders, back up, to nowhere."""
    tree(root)
    (root.parent / "shared" / "deep").mkdir(parents=True)
    (root.parent / "shared" / "deep" / "c.py").write_text("c")
    (root / "folder").symlink_to("../shared")
    (root / "file.py").symlink_to("../shared/deep/c.py")
    (root / "sub" / "sibling.py").symlink_to("b.py")
    (root / "gone.py").symlink_to("nowhere.py")
    (root / "sub" / "up").symlink_to("..")
    (root.parent / "shared" / "back").symlink_to(root)
    return root


def test_links_are_followed_but_not_round_in_circles(tmp_path: Path) -> None:
    root = linked(tmp_path / "one")
    names = [p.relative_to(root).as_posix() for p in files(root)]
    assert names == ["a.py", "file.py", "folder/deep/c.py", "sub/b.py", "sub/sibling.py"]


def test_a_copy_holds_what_links_point_at_and_may_be_read_by_anybody(tmp_path: Path) -> None:
    root = linked(tmp_path / "one")
    (root / "a.py").chmod(0o700)
    (root / "sub" / "b.py").chmod(0o600)
    (root / "sub").chmod(0o700)
    target = copy(root, tmp_path / "two")
    assert [p.relative_to(target) for p in files(target)] == [p.relative_to(root) for p in files(root)]
    assert not any(p.is_symlink() for p in target.rglob("*"))
    assert (target / "folder" / "deep" / "c.py").read_text() == "c"
    modes = {name: (target / name).stat().st_mode & 0o777 for name in ("a.py", "sub", "sub/b.py", "folder/deep")}
    assert modes == {"a.py": 0o755, "sub": 0o755, "sub/b.py": 0o644, "folder/deep": 0o755}
