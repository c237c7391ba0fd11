"""What this machine shows of a cluster (processes, mounts, network, control groups), and who tests on it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from kitctl.model.settings import cache_dir


def _output(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=30).stdout


def _cgroups(name: str) -> frozenset[str]:
    return frozenset(str(p) for p in Path("/sys/fs/cgroup").glob(f"**/{name}") if p.is_dir())


def _processes(name: str) -> frozenset[str]:
    """Return processes that carry the name in a control group, a mount point or their command line."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) in {os.getpid(), os.getppid()}:
            continue
        try:
            cgroup = (folder / "cgroup").read_text()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended while we looked
            continue
        # The test run names the cluster too: only what lives in it, or was started from its state folder, counts.
        if f"/{name}/" in cgroup or cgroup.rstrip().endswith(f"/{name}") or f"/kitctl/{name}/" in command:
            found.add(f"{folder.name} {command[:100]}")
    return frozenset(found)


@dataclass(frozen=True)
class Traces:
    """Everything that a cluster may leave on a host; each field is a set of names."""

    processes: frozenset[str]
    mounts: frozenset[str]
    namespaces: frozenset[str]
    interfaces: frozenset[str]
    addresses: frozenset[str]
    rules: frozenset[str]
    groups: frozenset[str]
    state: frozenset[str]

    def beyond(self, before: Traces) -> dict[str, list[str]]:
        """Return what is here and was not there before."""
        news = {f.name: sorted(getattr(self, f.name) - getattr(before, f.name)) for f in fields(self)}
        return {name: found for name, found in news.items() if found}


def traces(name: str) -> Traces:
    """Look for everything that belongs, or could belong, to the cluster `name`.

    Interfaces, addresses and packet filter rules are all of the machine's, since a leftover need not carry a name.
    """
    links = json.loads(_output("ip", "-json", "address"))
    rules = {line for table in ("nat", "filter", "mangle") for line in _rules(table)}
    mounts = {m.split()[4] for m in Path("/proc/self/mountinfo").read_text().splitlines() if f"/{name}" in m.split()[4]}
    state = Path(os.environ.get("KITCTL_STATE") or "/var/lib/kitctl") / name
    return Traces(
        processes=_processes(name),
        mounts=frozenset(mounts),
        namespaces=frozenset(line for line in _output("ip", "netns", "list").split() if name in line),
        interfaces=frozenset(link["ifname"] for link in links),
        addresses=frozenset(a["local"] for link in links for a in link["addr_info"]),
        rules=frozenset(rules),
        groups=_cgroups(name),
        state=frozenset({str(state)} if state.exists() else set()),
    )


def _rules(table: str) -> list[str]:
    return [f"{table} {line}" for line in _output("iptables", "-w", "-t", table, "-S").splitlines()]


@contextmanager
def only_session() -> Iterator[None]:
    """Refuse a second e2e session beside one at work: they would delete each other's cluster."""
    path = cache_dir() / "locks" / "e2e-session"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise RuntimeError(f"Another e2e session is at work on this machine; it holds {path}") from exc
        yield
