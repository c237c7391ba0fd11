"""A file that is replaced keeps what is not its content."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kitctl.tools import replace_file
from kitctl.tools.replace_file import replace_text


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    replace_text(tmp_path / "a", "text")
    assert (tmp_path / "a").read_text() == "text"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_the_mode_is_kept_and_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    replace_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "real"]


def test_the_owner_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Ids of others can be given by root alone, so the call is what counts.
    given: list[tuple[int, int]] = []
    (tmp_path / "a").write_text("old")
    uid, gid = (tmp_path / "a").stat().st_uid, (tmp_path / "a").stat().st_gid
    fstat = os.fstat
    monkeypatch.setattr(replace_file.os, "fchown", lambda handle, *ids: given.append(ids))
    replace_text(tmp_path / "a", "same owner")
    assert given == []

    def of_root(handle: int) -> os.stat_result:
        fields = list(fstat(handle))
        fields[stat.ST_UID] = uid + 1
        return os.stat_result(fields)

    monkeypatch.setattr(replace_file.os, "fstat", of_root)
    replace_text(tmp_path / "a", "of somebody else")
    assert given == [(uid, gid)]


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError("disk full")

    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(replace_file.os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        replace_text(tmp_path / "a", "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a", "old")]
