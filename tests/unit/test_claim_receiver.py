"""docker/push/receive.py: a folder becomes what the archive holds, and nothing of others is lost."""

import importlib.util
import io
import json
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from kitctl.usecases.dags.claim import pack

SCRIPT = Path(__file__).parents[2] / "docker" / "push" / "receive.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("receive", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "lib").mkdir(parents=True)
    (folder / "a.py").write_text("a")
    (folder / "lib" / "b.py").write_text("b")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_text("")
    return folder


@pytest.fixture
def claim(tmp_path: Path) -> Path:
    folder = tmp_path / "claim"
    (folder / "lost+found").mkdir(parents=True)
    (folder / "lost+found" / "x").write_text("")
    return folder


def tree(folder: Path) -> dict[str, str]:
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    return {n: p.read_text() for n, p in files.items() if not n.startswith((".kitctl", "lost+found"))}


def test_the_first_push_brings_all_but_caches(script: ModuleType, source: Path, claim: Path):
    report = script.receive(claim, pack(source), False)
    assert tree(claim) == {"a.py": "a", "lib/b.py": "b", "run.sh": "#!/bin/sh\n"}
    assert sorted(report["changed"]) == ["a.py", "lib/b.py", "run.sh"]
    assert (report["removed"], report["files"], report["foreign"]) == (0, 3, 0)
    assert (claim / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (claim / "a.py").stat().st_mode & 0o777 == 0o644


def test_a_file_that_did_not_change_is_not_touched(script: ModuleType, source: Path, claim: Path):
    script.receive(claim, pack(source), False)
    before = (claim / "a.py").stat()
    (source / "run.sh").write_text("new")
    assert script.receive(claim, pack(source), False)["changed"] == ["run.sh"]
    assert (claim / "a.py").stat() == before


def test_a_reader_of_the_old_file_keeps_it(script: ModuleType, source: Path, claim: Path):
    script.receive(claim, pack(source), False)
    with (claim / "a.py").open() as reader:
        (source / "a.py").write_text("new and longer")
        script.receive(claim, pack(source), False)
        assert reader.read() == "a"
    assert (claim / "a.py").read_text() == "new and longer"


def test_what_is_gone_is_removed_with_its_empty_folder(script: ModuleType, source: Path, claim: Path):
    script.receive(claim, pack(source), False)
    (source / "lib" / "b.py").unlink()
    assert script.receive(claim, pack(source), False)["removed"] == 1
    assert not (claim / "lib").exists()


def test_files_of_others_stay_and_are_counted_unless_pruned(script: ModuleType, source: Path, claim: Path):
    (claim / "theirs").mkdir()
    (claim / "theirs" / "dag.py").write_text("theirs")
    report = script.receive(claim, pack(source), False)
    assert report["foreign"] == 1
    assert tree(claim)["theirs/dag.py"] == "theirs"
    report = script.receive(claim, pack(source), True)
    assert (report["foreign"], report["removed"]) == (0, 1)
    assert not (claim / "theirs").exists()
    assert (claim / "lost+found" / "x").exists()


def test_a_push_that_was_killed_in_the_middle_is_tidied_up(
    script: ModuleType, source: Path, claim: Path, monkeypatch: pytest.MonkeyPatch
):
    real = script.place

    def dies(root: Path, name: str, data: bytes, mode: int) -> None:
        real(root, name, data, mode)
        if name == "a.py":
            raise KeyboardInterrupt

    monkeypatch.setattr(script, "place", dies)
    with pytest.raises(KeyboardInterrupt):
        script.receive(claim, pack(source), False)
    monkeypatch.undo()
    (source / "a.py").unlink()
    script.receive(claim, pack(source), False)
    assert tree(claim) == {"lib/b.py": "b", "run.sh": "#!/bin/sh\n"}


def test_files_and_folders_may_change_places(script: ModuleType, source: Path, claim: Path):
    script.receive(claim, pack(source), False)
    (source / "a.py").unlink()
    (source / "a.py").mkdir()
    (source / "a.py" / "inner.py").write_text("inner")
    (source / "lib" / "b.py").unlink()
    (source / "lib").rmdir()
    (source / "lib").write_text("a file now")
    script.receive(claim, pack(source), False)
    assert tree(claim) == {"a.py/inner.py": "inner", "lib": "a file now", "run.sh": "#!/bin/sh\n"}


@pytest.mark.parametrize("name", ["../outside.py", "/etc/outside", "a/../../outside"])
def test_nothing_leaves_the_folder(script: ModuleType, claim: Path, name: str):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(SystemExit):
        script.receive(claim, buffer.getvalue(), False)


def test_a_link_is_no_file(script: ModuleType, claim: Path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo("link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    with pytest.raises(SystemExit):
        script.receive(claim, buffer.getvalue(), False)


def test_links_of_the_source_are_followed(script: ModuleType, source: Path, claim: Path, tmp_path: Path):
    (tmp_path / "shared.py").write_text("shared")
    (source / "linked.py").symlink_to(tmp_path / "shared.py")
    script.receive(claim, pack(source), False)
    assert not (claim / "linked.py").is_symlink()
    assert tree(claim)["linked.py"] == "shared"


def test_the_list_of_what_was_brought_is_json(script: ModuleType, source: Path, claim: Path):
    script.receive(claim, pack(source), False)
    assert json.loads((claim / ".kitctl-push.json").read_text()) == ["a.py", "lib/b.py", "run.sh"]


def test_the_same_folder_packs_to_the_same_bytes(source: Path):
    first = pack(source)
    (source / "a.py").touch()
    assert pack(source) == first


def test_a_script_that_may_be_run_now_is_brought_anew(script: ModuleType, source: Path, claim: Path):
    script.receive(claim, pack(source), False)
    (source / "a.py").chmod(0o755)
    assert script.receive(claim, pack(source), False)["changed"] == ["a.py"]
    assert (claim / "a.py").stat().st_mode & 0o111 == 0o111
