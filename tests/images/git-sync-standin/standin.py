"""A STAND-IN for git-sync v4, used by tests only, where its own image cannot be had. Not git-sync, not for production.

It speaks the part of git-sync's contract that the chart uses, by environment only:
- the worktree of a commit is ROOT/.worktrees/<hash>; ROOT/LINK is a symbolic link to it, swapped by one rename;
- `/` answers 503 until the first sync is complete and 200 afterwards; `/metrics` tells counts;
- MAX_FAILURES failures in a row end it (negative: never), INIT_MAX_FAILURES before the first success;
- ONE_TIME ends it after the first sync;
- each line of its log is a JSON object; ERROR_FILE exists while the last sync failed;
- password and key files are read at each sync; other worktrees stay for STALE_WORKTREE_TIMEOUT;
- SIGHUP syncs at once. The image has a shell but no program `kill`.

Stricter than the real one in what it accepts: an unknown GITSYNC_ name, a v3 name (GIT_SYNC_...), or a setting that v4
would refuse ends it at once with 1. So a test that passes here used no name by mistake.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from contract import Settings, die, say


class Syncer:
    """Keeps ROOT/LINK at the commit that the remote's ref names."""

    def __init__(self, settings):
        self.s = settings
        self.ready = False
        self.counts = {"success": 0, "noop": 0, "error": 0}
        self.wake = threading.Event()
        self.home = tempfile.mkdtemp(prefix="git-sync-standin.")
        self.gitconfig = Path(self.home, "gitconfig")

    def git(self, *words, cwd=None):
        """Run git with a configuration of its own; return its output."""
        ssh = f"ssh -i {self.s.key} -F /dev/null"
        if self.s.strict:
            ssh += f" -o StrictHostKeyChecking=yes -o UserKnownHostsFile={self.s.known_hosts}"
        else:
            ssh += " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        env = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": str(self.gitconfig),
            "GIT_CONFIG_NOSYSTEM": "true",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": ssh,
        }
        how = {"timeout": self.s.timeout, "capture_output": True, "text": True}
        done = subprocess.run(["git", *words], cwd=cwd or self.s.root, env=env, check=False, **how)
        if done.returncode:
            quoted = f"{{ stdout: {json.dumps(done.stdout)}, stderr: {json.dumps(done.stderr)} }}"
            raise RuntimeError(f"Run(git {' '.join(words)}): exit status {done.returncode}: {quoted}")
        return done.stdout

    def credentials(self):
        """Write git's configuration anew, with the password as its file has it now."""
        lines = ["[safe]", "directory = *", "[gc]", "autoDetach = false"]
        for pair in filter(None, self.s.config.split(",")):
            key, _, value = pair.partition(":")
            section, _, name = key.strip('"').rpartition(".")
            lines += [f"[{section}]", f"{name} = {value}"]
        self.gitconfig.write_text("\n".join(lines) + "\n")
        if self.s.username:
            password = Path(self.s.password_file).read_text() if self.s.password_file else self.s.password
            store = Path(self.home, "credentials")
            store.write_text(f"username={self.s.username}\npassword={password.strip()}\n")
            store.chmod(0o600)
            # Told to whoever asks; only the one server of GITSYNC_REPO is ever asked for.
            helper = f'!f() {{ test "$1" = get && cat {store}; }}; f'
            self.git("config", "--global", "credential.helper", helper, cwd="/")

    def sync(self):
        """Bring the link to the remote's commit; return whether it moved."""
        self.s.root.mkdir(parents=True, exist_ok=True)
        self.credentials()
        if not (self.s.root / ".git").exists():
            for path in self.s.root.iterdir():
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            self.git("init", "-q", "-b", "git-sync")
        depth = ["--depth", str(self.s.depth)] if self.s.depth else []
        self.git("fetch", "-q", "--force", "--prune", "--no-auto-gc", *depth, self.s.repo, self.s.ref)
        commit = self.git("rev-parse", "FETCH_HEAD^{}").strip()
        # Without a branch of its own, git would offer the server nothing, and fetch everything each time.
        self.git("update-ref", "refs/heads/git-sync", commit)
        worktree = self.s.root / ".worktrees" / commit
        moved = not self.s.link.is_symlink() or self.s.link.resolve() != worktree
        if moved:
            self.publish(commit, worktree)
        self.clean(worktree)
        if self.s.gc != "off":
            self.git("gc", "-q", "--auto")
        if self.s.touch_file:
            (self.s.root / self.s.touch_file).touch()
        return moved

    def publish(self, commit, worktree):
        """Check the commit out beside the others, then swap the link by one rename."""
        if not self.complete(commit, worktree):
            shutil.rmtree(worktree, ignore_errors=True)
            self.git("worktree", "prune")
            self.check_out(commit, worktree)
        new = self.s.link.with_name(f".{self.s.link.name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.path.relpath(worktree, self.s.link.parent))
        new.replace(self.s.link)

    def complete(self, commit, worktree):
        """Tell whether a kept worktree can be used again: a reader of it must not see it vanish."""
        try:
            clean = not self.git("status", "--porcelain", cwd=worktree).strip()
            return clean and self.git("rev-parse", "HEAD", cwd=worktree).strip() == commit
        except (RuntimeError, OSError):
            return False

    def check_out(self, commit, worktree):
        """Fill a new worktree."""
        self.git("worktree", "add", "-q", "--detach", "--no-checkout", str(worktree), commit)
        if self.s.sparse:
            self.git("sparse-checkout", "init", "--no-cone", cwd=worktree)
            patterns = Path(self.s.sparse).read_text().splitlines()
            self.git("sparse-checkout", "set", "--no-cone", *filter(None, patterns), cwd=worktree)
        self.git("reset", "-q", "--hard", commit, cwd=worktree)
        if self.s.submodules != "off":
            how = {"recursive": ["--recursive"], "shallow": []}[self.s.submodules]
            shallow = ["--depth", str(self.s.depth)] if self.s.depth else []
            self.git("submodule", "update", "-q", "--init", *how, *shallow, cwd=worktree)

    def clean(self, current):
        """Remove worktrees that have not been the current one for long enough."""
        os.utime(current)
        for other in (self.s.root / ".worktrees").iterdir():
            if other != current and time.time() - other.stat().st_mtime > self.s.stale:
                shutil.rmtree(other)

    def loop(self):
        """Sync for ever, or once. Until the first success, the limits of the initial phase hold."""
        failures = 0
        while True:
            try:
                moved = self.sync()
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                failures += 1
                self.counts["error"] += 1
                self.report("error syncing repo, will retry", error, failures)
                limit = self.s.max_failures if self.ready else self.s.init_max_failures
                if 0 <= limit <= failures:
                    self.report("too many failures, aborting", error, failures)
                    sys.exit(1)
            else:
                failures = 0
                self.ready = True
                self.counts["success" if moved else "noop"] += 1
                if self.s.error_file:
                    (self.s.root / self.s.error_file).unlink(missing_ok=True)
                if moved:
                    say("updated successfully", hash=self.s.link.resolve().name)
                if self.s.one_time:
                    return
            self.wake.wait(self.s.period if self.ready else self.s.init_period)
            self.wake.clear()

    def report(self, text, error, failures):
        """Tell an error in the log, and in the error file, as v4 does."""
        say(text, error=str(error), failCount=failures)
        if self.s.error_file:
            self.s.root.mkdir(parents=True, exist_ok=True)
            new = self.s.root / f"{self.s.error_file}.new"
            new.write_text(json.dumps({"Msg": text, "Err": str(error), "Args": {"failCount": failures}}))
            new.chmod(0o644)
            new.replace(self.s.root / self.s.error_file)


def serve(bind, syncer):
    """Answer probes and metrics."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/metrics":
                body = "".join(f'git_sync_count_total{{status="{k}"}} {v}\n' for k, v in syncer.counts.items())
                self.send_response(200)
            else:
                body = "ok\n" if syncer.ready else "repo is not ready\n"
                self.send_response(200 if syncer.ready else 503)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            """Say nothing about probes."""

    host, _, port = bind.rpartition(":")
    threading.Thread(target=ThreadingHTTPServer((host, int(port)), Handler).serve_forever, daemon=True).start()


def main():
    """Read the settings, then sync."""
    known = json.loads(Path(__file__).with_name("git-sync-v4.json").read_text())["names"]
    os.umask(0o022)
    if shutil.which("kill"):
        die("the image of v4 has no program kill, so this one must not have it either")
    settings = Settings(os.environ, set(known))
    syncer = Syncer(settings)
    if settings.signal:
        signal.signal(getattr(signal, settings.signal), lambda *_: syncer.wake.set())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if settings.bind:
        serve(settings.bind, syncer)
    say("stand-in for git-sync v4 starting up", repo=settings.repo, ref=settings.ref)
    syncer.loop()


if __name__ == "__main__":
    main()
