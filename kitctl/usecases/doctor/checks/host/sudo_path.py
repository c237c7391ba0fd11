"""Programs that the user has, and that sudo hides: it uses a PATH of its own (secure_path)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from kitctl.tools.process import which
from kitctl.usecases.doctor.catalogue import ALL, Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

CHECK = Check(
    "programs in folders that sudo searches, too", "root by sudo, or a user who has sudo", "warning", purposes=ALL
)
_TOOLS = ("kubectl", "helm", "git", "docker", "podman", "buildah")
_USUAL = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"
"""What Debian and Ubuntu set; /etc/sudoers may only be read by root."""
_SECURE = re.compile(r'^\s*Defaults\s+secure_path\s*=\s*"?([^"\n]+)"?', re.MULTILINE)
_OF_A_USER = (".local/bin", "bin", "go/bin", ".asdf/shims", ".nix-profile/bin")
_OF_ALL = ("/usr/local/bin", "/snap/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin")


def look(facts: Facts) -> Outcome:
    """Compare the folders of each program with those that sudo searches."""
    tools = tuple(dict.fromkeys((*facts.needs.programs, *_TOOLS)))
    user = os.environ.get("SUDO_USER", "")
    if facts.host.root and not user:
        return absent("kitctl does not run under sudo")
    if not facts.host.root and which("sudo") is None:
        return absent("This machine has no sudo")
    hidden = _lost(facts, user, tools) if facts.host.root else _out_of_reach(facts, tools)
    if not hidden:
        return good("sudo finds the same programs")
    words = ", ".join(f"{name} in {folder}" for name, folder in hidden.items())
    fix = 'sudo env "PATH=$PATH" kitctl up    # from the shell of the user; or copy the program to /usr/local/bin'
    return warning(f"sudo does not find {words}", fix, "sudo searches only the folders of secure_path in /etc/sudoers")


def _lost(facts: Facts, user: str, tools: Iterable[str]) -> dict[str, str]:
    """Return the programs that are not on root's PATH, but in a usual folder of the user who called sudo."""
    home = next((line.split(":")[5] for line in _passwd(facts) if line.startswith(f"{user}:")), f"/home/{user}")
    folders = (*(f"{home}/{folder}" for folder in _OF_A_USER), *_OF_ALL)
    found = {name: next((f for f in folders if facts.host.has(f"{f}/{name}")), "") for name in tools if not which(name)}
    return {name: folder for name, folder in found.items() if folder}


def _out_of_reach(facts: Facts, tools: Iterable[str]) -> dict[str, str]:
    """Return the programs on the user's PATH that lie in none of sudo's folders."""
    text = "\n".join([facts.host.text("/etc/sudoers"), facts.host.text("/etc/sudoers.d/secure_path")])
    said = _SECURE.findall(text)
    searched = {Path(folder) for folder in (said[-1] if said else _USUAL).strip().split(":")}
    found = {name: which(name) for name in tools}
    away = {name: path.parent for name, path in found.items() if path and path.parent not in searched}
    return {n: str(folder) for n, folder in away.items() if not any(facts.host.has(f"{f}/{n}") for f in searched)}


def _passwd(facts: Facts) -> list[str]:
    lines = facts.host.text("/etc/passwd").splitlines()
    return [line for line in lines if line.count(":") >= 6]  # noqa: PLR2004 - its fields
