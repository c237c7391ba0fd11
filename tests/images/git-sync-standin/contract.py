"""The environment of git-sync v4, read and checked as v4 does it. Part of the stand-in; see standin.py."""

import json
import os
import re
import sys
from pathlib import Path

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
UNUSED = {"GIT", "ASKPASS_URL", "COOKIE_FILE", "CREDENTIAL", "EXECHOOK_COMMAND", "WEBHOOK_URL", "HTTP_PPROF", "FILTER"}


def say(text, **more):
    """Write one line to the log, in the form of v4."""
    sys.stdout.write(json.dumps({"logger": "", "level": 0, "msg": text, **more}) + "\n")
    sys.stdout.flush()


def die(text):
    """End because the contract is violated."""
    sys.stderr.write(f"stand-in: ERROR: {text}\n")
    sys.exit(1)


def duration(text):
    """Read Go's notation, e.g. 1m30s; a bare number is no duration there."""
    parts = re.findall(r"([\d.]+)(ms|s|m|h)", text)
    if "".join(n + u for n, u in parts) != text or not parts:
        die(f"{text!r} is no duration")
    return sum(float(n) * UNITS[u] for n, u in parts)


def flag(text):
    """Read a boolean as Go does."""
    if text.lower() not in {"1", "t", "true", "0", "f", "false"}:
        die(f"{text!r} is no boolean")
    return text.lower() in {"1", "t", "true"}


class Settings:
    """The environment, checked as v4 checks it."""

    def __init__(self, env, known):
        for name in env:
            if name.startswith("GIT_SYNC_"):
                die(f"{name} is a name of v3")
            if name.startswith("GITSYNC_") and name not in known:
                die(f"{name} is no name of v4")
            if name.removeprefix("GITSYNC_") in UNUSED and env[name]:
                die(f"{name} is not part of this stand-in")

        def get(name, default=""):
            return env.get(f"GITSYNC_{name}", default)

        self.repo, self.ref, self.root = get("REPO"), get("REF", "HEAD"), get("ROOT")
        if not self.repo or not self.root or not self.ref:
            die("GITSYNC_REPO, GITSYNC_REF and GITSYNC_ROOT must be set")
        self.root = Path(self.root).resolve()
        self.link = self.root / (get("LINK") or self.repo.strip("/").split("/")[-1])
        self.depth = int(get("DEPTH", "1"))
        self.period, self.timeout = duration(get("PERIOD", "10s")), duration(get("SYNC_TIMEOUT", "120s"))
        self.one_time, self.max_failures = flag(get("ONE_TIME", "false")), int(get("MAX_FAILURES", "0"))
        # Neither set: the initial phase is like the rest.
        self.init_period = duration(get("INIT_PERIOD") or get("PERIOD", "10s"))
        self.init_max_failures = int(get("INIT_MAX_FAILURES") or self.max_failures)
        self.error_file = get("ERROR_FILE")
        self.stale = duration(get("STALE_WORKTREE_TIMEOUT", "0s"))
        self.submodules = get("SUBMODULES", "recursive")
        self.gc = get("GIT_GC", "auto")
        self.sparse = get("SPARSE_CHECKOUT_FILE")
        self.username, self.password = get("USERNAME"), get("PASSWORD")
        self.password_file, self.touch_file = get("PASSWORD_FILE"), get("TOUCH_FILE")
        self.key = get("SSH_KEY_FILE", "/etc/git-secret/ssh")
        self.strict = flag(get("SSH_KNOWN_HOSTS", "true"))
        self.known_hosts = get("SSH_KNOWN_HOSTS_FILE", "/etc/git-secret/known_hosts")
        self.config, self.bind = get("GIT_CONFIG"), get("HTTP_BIND")
        self.signal = get("SYNC_ON_SIGNAL")
        self.app = any(get(f"GITHUB_APP_{n}") for n in ("APPLICATION_ID", "CLIENT_ID", "PRIVATE_KEY_FILE"))
        self.check(get)

    def check(self, get):
        """Refuse what v4 refuses."""
        if self.depth < 0:
            die("depth must be greater than or equal to 0")
        if self.submodules not in {"recursive", "shallow", "off"} or self.gc not in {
            "auto",
            "always",
            "aggressive",
            "off",
        }:
            die("submodules or git-gc is none of its choices")
        if min(self.period, self.init_period, self.timeout) < 0.01:
            die("period, init-period and sync-timeout must be at least 10ms")
        if self.password and self.password_file:
            die("only one of password and password-file may be specified")
        if self.username and not (self.password or self.password_file):
            die("password or password-file must be set when username is specified")
        if not self.bind and flag(get("HTTP_METRICS", "false")):
            die("http-bind must be specified when http-metrics is set")
        if self.app and (self.username or self.password or self.password_file):
            die("a GitHub App and a user name exclude each other")
        if self.app:
            die("GitHub Apps need GitHub; this stand-in knows none")
        if os.getuid() == 0:
            die("the kit runs git-sync without root")
