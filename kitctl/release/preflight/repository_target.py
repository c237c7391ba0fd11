"""The repositories that the values of a release name, with what is needed to read each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kitctl.release.handle import setting

FILES = "/var/kitctl/git"
"""Folder of the Secrets and the CA inside the pod that asks."""
_KEYS = {
    "https": ("username", "password"),
    "ssh": ("ssh-key", "known-hosts"),
    "github-app": ("github-app-private-key",),
}


@dataclass(frozen=True)
class Target:
    """One repository; the fields are also what the program in the pod reads, as JSON.

    Attributes:
        key: Where it stands in the values, for example "dags.git".
        repo: Its URL.
        ref: Branch, tag or commit.
        sub_path: Folder of the DAGs in it; "" for its top.
        type: Kind of the credentials: none, https, ssh or github-app.
        secret: Secret that holds them; "" without one.
        folder: Where that Secret is mounted in the pod.
        wanted: Files that the Secret must have.
        strict: Whether the SSH host must be known.
        options: Arguments of the credential helper, for a GitHub app.
        ca: File of the CA in the pod; "" for the usual ones.
        ca_config_map: ConfigMap that holds that CA.
    """

    key: str
    repo: str
    ref: str
    sub_path: str = ""
    type: str = "none"
    secret: str = ""
    folder: str = ""
    wanted: tuple[str, ...] = ()
    strict: bool = True
    options: tuple[str, ...] = ()
    ca: str = ""
    ca_config_map: str = ""


def targets(config: Mapping[str, Any]) -> list[Target]:
    """Return the repositories that the values name, with what is needed to read each; [] in other modes."""
    mode = setting(config, "dags", "mode")
    if mode == "git":
        section = dict(setting(config, "dags", "git") or {})
        return [_target("dags.git", section, "HEAD", section.get("caBundleConfigMap"))]
    if mode != "bundle":
        return []
    ca = setting(config, "dags", "bundle", "caBundleConfigMap")
    items = setting(config, "dags", "bundle", "items") or []
    return [_target(f"dags.bundle.items[{number}]", item, "main", ca) for number, item in enumerate(items)]


def _target(key: str, section: Mapping[str, Any], ref: str, ca: str | None) -> Target:
    login = dict(section.get("credentials") or {})
    kind = str(login.get("type") or "none")
    strict = login.get("strictHostKey", True) is not False
    options = []
    if kind == "github-app":
        options = [
            "--app-id",
            str(login.get("githubAppId")),
            "--installation-id",
            str(login.get("githubInstallationId")),
        ]
        options += ["--base-url", str(login["githubBaseUrl"])] if login.get("githubBaseUrl") else []
    return Target(
        key=key,
        # As the chart passes it on: the name in the Secret decides (chart/templates/dags/_address.tpl).
        repo=re.sub(r"^(https?://)[^/@]*@", r"\1", str(section.get("repo") or "")),
        ref=str(section.get("ref") or ref),
        sub_path=str(section.get("subPath") or "").strip("/"),
        type=kind,
        secret=str(login.get("secret") or ""),
        folder=f"{FILES}/{key.strip(']').replace('.', '-').replace('[', '-')}",
        wanted=tuple(name for name in _KEYS.get(kind, ()) if strict or name != "known-hosts"),
        strict=strict,
        options=tuple(options),
        ca=f"{FILES}/ca/ca.crt" if ca else "",
        ca_config_map=str(ca or ""),
    )
