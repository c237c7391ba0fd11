"""Facts about the machine."""

from kitctl.tools import host
from kitctl.tools.host import GIB, Host, existing, usable_memory


def test_this_machine():
    found = Host()
    assert found.cores >= 1
    assert found.memory > GIB / 4
    assert found.machine
    assert found.system


def test_a_containers_limit_counts(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(host, "_LIMITS", (str(limit), "/nowhere"))
    limit.write_text("12345\n")
    assert usable_memory() == 12345
    limit.write_text("max\n")
    free = usable_memory()
    limit.write_text("9223372036854771712\n")
    assert usable_memory() == free > 12345


def test_a_folder_that_is_not_there_yet_is_judged_by_its_parent(tmp_path):
    folder = tmp_path / "a" / "b"
    assert existing(folder) == tmp_path
    assert Host().disk_free(folder) > 0
    assert Host().writable(folder)
