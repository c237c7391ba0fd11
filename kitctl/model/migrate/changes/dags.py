"""Changes of how DAGs arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kitctl.model.migrate.changes.plain import put_all
from kitctl.model.migrate.result import Verdict
from kitctl.model.migrate.work import Item, Outcome, shown, templated, worst

GIT_SECRET = "my-airflow-git"  # noqa: S105 - a name


_MODES = {"persistent_mode": "pvc", "git_mode": "git"}
"""Names of the minikube tutorial, which `kitctl --dag-mode` takes."""


def dag_mode(item: Item) -> Outcome:
    """Set a DAG mode by the name that the chart has for it."""
    return put_all(item, _MODES.get(item.value, item.value))


def ref(item: Item) -> Outcome:
    """Set the commit that counts: what is no HEAD, and of a tag and a branch the tag."""
    order = ("ref", "rev", "revision", "branch")
    mine = order.index(item.key[-1])
    for name in order[:mine]:
        if (better := item.near(name)) and better != "HEAD":
            return Verdict.UNSET, f"{name} counts"
    if item.value == "HEAD" and item.near("branch"):
        return Verdict.UNSET, "branch counts"
    return put_all(item, item.value, verbatim=True)


def mode(item: Item) -> Outcome:
    """Set the DAG mode where its switch is on; of both, git counts."""
    if item.value is not True:
        return Verdict.UNSET, "it is off"
    old = item.work.old
    both = old.find("dags.gitSync.enabled") is True or old.find("dags.git_sync_enabled") is True
    if item.args[0] == "pvc" and both:
        return Verdict.CHANGED, "git-sync counts: in mode git, each pod has its own clone, and there is no claim"
    return put_all(item, item.args[0])


def credentials(item: Item) -> Outcome:
    """Name an existing Secret with the log-in to the repository: `how: credentials TYPE KEYS`.

    The keys are those that the kit reads, where the other chart reads others.
    """
    kind, *keys = item.args
    verdict, why = item.put("dags.git.credentials", {"type": kind, "secret": item.value})
    if not keys or verdict is not Verdict.CHANGED:
        return verdict, why
    return Verdict.DECIDE, f"add the keys {' and '.join(keys)} to the Secret {shown(item.value)}"


def git_key(item: Item) -> Outcome:
    """Compare the keys in the Secret of the repository with those that the kit reads."""
    wanted = item.args[0]
    if item.value == wanted:
        return Verdict.UNSET, "the kit reads this key"
    return Verdict.DECIDE, f"the kit reads the key {wanted} of that Secret: add it"


def ssh_key(item: Item) -> Outcome:
    """Name a Secret for a key that stands in the old file."""
    item.secret(GIT_SECRET, "ssh-key")
    verdict, why = item.put("dags.git.credentials", {"type": "ssh", "secret": GIT_SECRET})
    return (Verdict.DECIDE, f"create the Secret {GIT_SECRET}") if verdict is Verdict.CHANGED else (verdict, why)


def known_hosts(item: Item) -> Outcome:
    """Ask for the key `known-hosts` in the Secret of the repository."""
    near = item.near("sshKeySecret") or item.near("sshSecret")
    name = shown(near) if near else GIT_SECRET
    item.secret(name, "known-hosts")
    return Verdict.DECIDE, f"put this text into the key known-hosts of the Secret {name}"


def bundles(item: Item) -> Outcome:
    """Set the git bundles of a list as Airflow takes it."""
    entries, outcomes = [], []
    for one in item.value if isinstance(item.value, list) else []:
        found, outcome = _bundle(one)
        entries += [found] if found else []
        outcomes.append(outcome)
    if entries:
        outcomes += [item.put("dags.mode", "bundle"), item.put("dags.bundle.items", entries)]
    return worst(outcomes)


def _bundle(one: dict[str, Any]) -> tuple[dict[str, Any] | None, Outcome]:
    name, kwargs = one.get("name", ""), one.get("kwargs") or {}
    if not str(one.get("classpath", "")).endswith("GitDagBundle"):
        return None, (Verdict.DROPPED, f"{name}: the kit mounts DAG folders itself, by dags.mode")
    if not kwargs.get("repo_url") or any(templated(value) for value in kwargs.values()):
        connection = kwargs.get("git_conn_id", "")
        return None, (Verdict.DECIDE, f"{name}: set its repo, which the connection {shown(connection)} has")
    fields = {"repo_url": "repo", "tracking_ref": "ref", "subdir": "subPath"}
    entry = {"name": name, **{new: kwargs[old] for old, new in fields.items() if kwargs.get(old)}}
    left = sorted(set(kwargs) - set(fields))
    if left:
        return entry, (Verdict.DECIDE, f"{name}: set what {', '.join(left)} gave it, such as credentials")
    return entry, (Verdict.CHANGED, "")


CHANGES: dict[str, Callable[[Item], Outcome]] = {
    "dag-mode": dag_mode,
    "ref": ref,
    "mode": mode,
    "credentials": credentials,
    "key-of-git": git_key,
    "ssh-key": ssh_key,
    "known-hosts": known_hosts,
    "bundles": bundles,
}
