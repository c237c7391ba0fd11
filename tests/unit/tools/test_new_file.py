"""A new file is there as a whole or not at all."""

import errno
import os
import stat

import pytest

from kitctl.tools import new_file as module
from kitctl.tools.new_file import new_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_gets_its_name_at_the_end_and_belongs_to_its_writer_alone(tmp_path):
    file = tmp_path / "a.tar"
    old = os.umask(0)
    try:
        with new_file(file) as out:
            out.write(b"body")
            assert not file.exists()
    finally:
        os.umask(old)
    assert file.read_bytes() == b"body"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names(tmp_path) == ["a.tar"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError(errno.ENOSPC, "full"), ValueError])
def test_whatever_ends_the_block_nothing_stays(tmp_path, end):
    with pytest.raises(type(end) if isinstance(end, OSError) else end), new_file(tmp_path / "a") as out:
        out.write(b"half")
        raise end
    assert names(tmp_path) == []


def test_a_full_disk_at_the_very_end_leaves_nothing(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="full"), new_file(tmp_path / "a") as out:
        out.write(b"all")
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_name_that_is_taken_is_refused_before_anything_is_written(tmp_path, kind):
    file = tmp_path / "a"
    file.write_text("mine") if kind == "file" else file.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError), new_file(file):
        pytest.fail("begun")
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_was_taken_meanwhile_stays_with_its_owner(tmp_path, monkeypatch, links):
    def no(*_):
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(module.os, "link", no)
    file = tmp_path / "a"
    with pytest.raises(FileExistsError), new_file(file) as out:
        out.write(b"ours")
        file.write_text("theirs")
    assert file.read_text() == "theirs"
    assert names(tmp_path) == ["a"]


def test_a_file_system_without_links_takes_it_too(tmp_path, monkeypatch):
    def no(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(module.os, "link", no)
    with new_file(tmp_path / "a") as out:
        out.write(b"body")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"body"
