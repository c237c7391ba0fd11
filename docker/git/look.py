"""Ask each repository for its ref, as the pods that read DAGs will: `look.py SPEC`, SPEC being JSON.

Run by `kitctl up` and `kitctl deploy` in a short-lived pod, before anything changes; needs Python and git. SPEC holds
`targets`, each with key, repo, ref, sub_path, type, folder (the mounted Secret), wanted (its files), strict, options
(of the credential helper) and ca (a file, or ""); `helper` is the text of chart/files/git_credential.py. Prints one
line, `KITCTL-REPORT {json}`, that tells what git said; what it means is judged by kitctl.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SECONDS = 25
FETCH_SECONDS = 45
PAUSES = (1, 6)
"""Seconds. A name server of a cluster goes on denying a new name for 5 s to those who asked too early."""
UNREACHED = re.compile(
    "failed to connect|connection refused|unable to connect|could not resolve|unable to look up", re.IGNORECASE
)
TMP = Path("/tmp")  # noqa: S108 - the pod's own, and the only place that can be written to
HELPER = TMP / "kitctl-git-credential.py"
COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def settings(target: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return git's options and environment for a target."""
    folder = Path(target["folder"])
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "HOME": str(TMP)}
    words = []
    if target["ca"]:
        env["GIT_SSL_CAINFO"] = target["ca"]
    if target["type"] in {"https", "github-app"}:
        call = ["python3", "-I", str(HELPER), str(folder), *target["options"]]
        # The empty one forgets helpers of the image, which might know another password.
        words = ["-c", "credential.helper=", "-c", f"credential.helper=!{shlex.join(call)}"]
    if target["type"] == "ssh":
        ssh = f"ssh -F /dev/null -i {shlex.quote(str(folder / 'ssh-key'))}"
        ssh += " -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=15 -o UserKnownHostsFile="
        ssh += str(folder / "known-hosts") if target["strict"] else "/dev/null"
        env["GIT_SSH_COMMAND"] = f"{ssh} -o StrictHostKeyChecking={'yes' if target['strict'] else 'no'}"
    return words, env


def patterns(ref: str) -> list[str]:
    """Return what to ask for; a commit cannot be asked for, so only HEAD is then."""
    if COMMIT.fullmatch(ref) or ref == "HEAD":
        return ["HEAD"]
    return [ref] if ref.startswith("refs/") else [f"refs/heads/{ref}", f"refs/tags/{ref}"]


def asked(argv: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run git; where no connection was made, twice more: a new pod, or a new name, may come some seconds late."""

    def ask() -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=SECONDS, cwd=TMP, check=False)

    for pause in PAUSES:
        done = ask()
        if not done.returncode or not UNREACHED.search(done.stderr):
            return done
        time.sleep(pause)
    return ask()


def look(target: dict[str, Any]) -> dict[str, Any]:
    """Return what git says of one target."""
    folder = Path(target["folder"])
    needed = [folder / name for name in target["wanted"]] + ([Path(target["ca"])] if target["ca"] else [])
    if missing := [str(path.name) for path in needed if not path.is_file()]:
        return {"key": target["key"], "missing": missing}
    words, env = settings(target)
    argv = ["git", *words, "ls-remote", "-q", target["repo"], *patterns(target["ref"])]
    try:
        done = asked(argv, env)
    except FileNotFoundError:
        return {"key": target["key"], "no_git": True}
    except subprocess.TimeoutExpired:
        return {"key": target["key"], "code": 128, "said": f"timed out: no answer within {SECONDS} s", "found": 0}
    found = len(done.stdout.splitlines())
    folder_there = not found or not target["sub_path"] or has_folder(target, ["git", *words], env)
    said = done.stderr.strip()[-1500:]
    return {"key": target["key"], "code": done.returncode, "said": said, "found": found, "folder": folder_there}


def has_folder(target: dict[str, Any], git: list[str], env: dict[str, str]) -> bool:
    """Tell whether the ref has the folder of the DAGs; no file is fetched for it, where the server can leave them out.

    True also where it cannot be told: the server takes too long or gives no single commit, or the path leads through a
    submodule or a link.
    """
    with tempfile.TemporaryDirectory(dir=TMP) as scratch:

        def told(*words: str) -> str:
            done = subprocess.run(
                [*git, *words], cwd=scratch, env=env, check=True, capture_output=True, text=True, timeout=FETCH_SECONDS
            )
            return done.stdout

        try:
            told("init", "-q", "--bare")
            told("remote", "add", "origin", target["repo"])
            told("fetch", "-q", "--depth", "1", "--filter=blob:none", "--no-tags", "origin", target["ref"])
            parts = [part for part in target["sub_path"].split("/") if part not in {"", "."}]
            for n in range(1, len(parts) + 1):
                mode = told("--literal-pathspecs", "ls-tree", "FETCH_HEAD", "--", "/".join(parts[:n]))[:6]
                if mode != "040000":
                    return mode in {"120000", "160000"}
        except (subprocess.SubprocessError, OSError):
            return True
    return True


def main() -> None:
    """Look at all of them side by side."""
    spec = json.loads(sys.argv[1])
    HELPER.write_text(spec["helper"])
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(look, spec["targets"]))
    sys.stdout.write("KITCTL-REPORT " + json.dumps({"results": results}) + "\n")


if __name__ == "__main__":
    main()
