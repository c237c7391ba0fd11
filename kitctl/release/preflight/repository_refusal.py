"""What git's words mean when it cannot read a repository: one error for each cause that a user can mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight.repository_target import Target

_ANYWAY = "To deploy without this check: --no-check-repo"
_HOST_KEY = re.compile(r"host key verification failed|remote host identification|no \S+ host key is known", re.I)
_CERTIFICATE = re.compile(r"certificate|self.signed|ssl peer|SSL_ERROR|unable to get local issuer", re.I)
_AWAY = re.compile(
    r"could not resolve|couldn't resolve|connection refused|timed out|no route to host|network is unreachable|"
    r"failed to connect|couldn't connect|unable to connect|connection reset|connection closed|"
    r"name or service not known|returned error: 5\d\d",
    re.I,
)
_LOGIN = re.compile(
    r"authentication failed|permission denied|could not read (username|password)|returned error: 40[13]|"
    r"invalid username|access denied(?! or repository)|git_credential\.py|load key|invalid format",
    re.I,
)
_MISSING = re.compile(
    r"not found|does not appear to be a git repository|no such|does not exist|repository not exported|"
    r"returned error: 404",
    re.I,
)


def refusal(target: Target, result: Mapping[str, Any], namespace: str) -> KitError | None:
    """Return the error of one look, or None when the ref can be read.

    Args:
        target: The repository.
        result: missing (files that are not mounted), or code, said, found (lines of `git ls-remote`) and folder
            (whether the ref has the folder of the DAGs).
        namespace: Namespace of the release.
    """
    if result.get("missing"):
        return _files_missing(target, result["missing"], namespace)
    said = str(result.get("said") or "")
    if not result["code"]:
        if not result["found"] and not _abbreviated(target):
            return _ref_missing(target)
        return None if result.get("folder", True) else _folder_missing(target)
    for pattern, cause in _CAUSES:
        if pattern.search(said):
            return cause(target, said, namespace)
    return _unreadable(target, said)


def _abbreviated(target: Target) -> bool:
    """Tell whether the ref may be a shortened commit, which Airflow's bundles take; nobody can be asked about it."""
    return bool(re.fullmatch(r"[0-9a-f]{7,39}", target.ref)) and target.key.startswith("dags.bundle")


def _files_missing(target: Target, missing: list[str], namespace: str) -> KitError:
    if missing == ["ca.crt"]:
        name = target.ca_config_map
        return KitError(
            "git-ca-missing",
            f"There is no ConfigMap {name} with the key ca.crt in the namespace {namespace}",
            cause=f"{target.key} names it as the CA of {target.repo}",
            fix=f"kubectl -n {namespace} create configmap {name} --from-file=ca.crt=ca.pem",
            code=ExitCode.PREFLIGHT,
        )
    files = " ".join(f"--from-literal={m}=…" if target.type == "https" else f"--from-file={m}=FILE" for m in missing)
    return KitError(
        "git-secret-incomplete",
        f"The Secret {target.secret} in the namespace {namespace} has no {' and no '.join(missing)}",
        cause=f"{target.key}.credentials of type {target.type} reads it; pods would wait for it forever",
        fix=f"kubectl create namespace {namespace}    # if it does not exist yet\n"
        f"kubectl -n {namespace} create secret generic {target.secret} {files}\n"
        f"If the Secret exists: add these keys with kubectl -n {namespace} edit secret {target.secret}",
        code=ExitCode.PREFLIGHT,
    )


def _ref_missing(target: Target) -> KitError:
    return KitError(
        "git-ref-missing",
        f"{target.repo} has no branch or tag {target.ref}",
        cause=f"{target.key}.ref names it",
        fix=f"git ls-remote {target.repo}    # lists what it has; a commit needs all of its 40 digits\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _folder_missing(target: Target) -> KitError:
    ref, repo = target.ref, target.repo
    return KitError(
        "git-folder-missing",
        f"{repo} has no folder {target.sub_path} at {ref}",
        cause=f"{target.key}.subPath names it; Airflow would find no DAG there",
        fix=f"git ls-tree -r -d --name-only {ref}    # in a checkout: lists its folders\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _host_key(target: Target, said: str, _: str) -> KitError:
    return KitError(
        "git-host-key-refused",
        f"The SSH host key of {target.repo} does not match the Secret {target.secret}",
        cause=said,
        fix="ssh-keyscan [-p PORT] HOST > known_hosts    # compare it with what the server's owner publishes, then\n"
        "write it to the Secret's key known-hosts; a port other than 22 is written [HOST]:PORT there",
        code=ExitCode.PREFLIGHT,
    )


def _certificate(target: Target, said: str, _: str) -> KitError:
    return KitError(
        "git-certificate-refused",
        f"The certificate of the server of {target.repo} is not trusted",
        cause=said,
        fix="kubectl create configmap git-ca --from-file=ca.crt=ca.pem    # in the release's namespace, then\n"
        "dags: {git: {caBundleConfigMap: git-ca}}    # or dags.bundle.caBundleConfigMap",
        code=ExitCode.PREFLIGHT,
    )


def _login(target: Target, said: str, namespace: str) -> KitError:
    held = f"kubectl -n {namespace} get secret {target.secret}    # is it the right one, and still valid?\n"
    none = f"Name a Secret: {target.key}.credentials: {{type: https, secret: NAME}}\n"
    return KitError(
        "git-login-refused",
        f"The server of {target.repo} {'refuses the' if target.secret else 'asks for'} credentials",
        cause=said,
        fix=(held if target.secret else none) + _ANYWAY,
        code=ExitCode.PREFLIGHT,
    )


def _away(target: Target, said: str, _: str) -> KitError:
    return KitError(
        "git-server-unreachable",
        f"Pods of this cluster cannot reach the server of {target.repo}",
        cause=said,
        fix=f"Check the host name, the proxy (dags.git.env, env) and NetworkPolicies\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _repo_missing(target: Target, said: str, _: str) -> KitError:
    return KitError(
        "git-repo-missing",
        f"The repository {target.repo} does not exist",
        cause=said,
        fix=f"Correct {target.key}.repo, or the credentials: servers also say this where these may not read\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _unreadable(target: Target, said: str) -> KitError:
    return KitError(
        "git-repo-unreadable",
        f"git cannot read {target.repo}",
        cause=said or "git gave no reason",
        fix=f"Correct {target.key}\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


_CAUSES = (
    (_HOST_KEY, _host_key),
    (_CERTIFICATE, _certificate),
    (_LOGIN, _login),
    (_AWAY, _away),
    (_MISSING, _repo_missing),
)
"""Git's words, the more telling ones first: one failure often says several of them."""
