"""Images in files of the user: written whole or not at all, and read back."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.images import archives
from kitctl.tools.builders import builder
from tests.unit.fake_builder import FakeBuilder
from tests.unit.fake_images import make, silent


def test_an_image_is_written_and_a_file_that_is_there_replaced(tool: FakeBuilder, tmp_path: Path) -> None:
    reference, file = make(None).image, tmp_path / "new" / "airflow.tar"
    assert archives.save(reference, file, silent) == reference
    assert file.read_text() == reference
    file.write_text("old")
    archives.save(reference, file, silent)
    assert file.read_text() == reference
    assert [p.name for p in file.parent.iterdir()] == ["airflow.tar"]


def test_a_file_that_cannot_be_written_is_an_error(tool: FakeBuilder, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(KitError) as caught:
        archives.save(make(None).image, tmp_path / "folder" / "airflow.tar", silent)
    assert caught.value.id == "image-save-failed"


def test_the_images_of_an_archive_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, loaded = tmp_path / "a.tar", []
    text = json.dumps([{"Config": "c.json", "RepoTags": ["team/a:1", "team/a:2"], "Layers": []}]).encode()
    with tarfile.open(file, "w") as tar:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    monkeypatch.setattr(builder, "find", lambda _: type("Tool", (), {"load": lambda _, path: loaded.append(path)})())
    assert archives.restore(file) == ["team/a:1", "team/a:2"]
    assert loaded == [file]


@pytest.mark.parametrize("text", [None, "no archive"])
def test_what_is_no_archive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    if text:
        (tmp_path / "a.tar").write_text(text)
    monkeypatch.setattr(builder, "find", lambda _: pytest.fail("asked"))
    with pytest.raises(KitError) as caught:
        archives.restore(tmp_path / "a.tar")
    assert (caught.value.id, caught.value.code) == ("archive-invalid", ExitCode.USAGE)
    assert caught.value.fix.startswith(f"kitctl image save {tmp_path / 'a.tar'} REF ")
