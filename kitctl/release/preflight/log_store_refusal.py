"""What the words of a store of task logs mean: one error for each cause that a user can mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError

_ANYWAY = "To deploy without this check: --no-check-logs"
_PROVIDER = re.compile(r"No module named '(airflow\.providers\.(?P<name>[\w.]+)|(?P<module>\w+))")
_PACKAGES = {
    "amazon": "amazon",
    "google": "google",
    "microsoft.azure": "microsoft-azure",
    "elasticsearch": "elasticsearch",
    "opensearch": "opensearch",
    "alibaba": "alibaba",
    "apache.hdfs": "apache-hdfs",
}
_FOLDER = re.compile(r"NoSuchBucket|bucket does not exist|ContainerNotFound|\b404\b.*bucket", re.IGNORECASE)
_LOGIN = re.compile(
    r"InvalidAccessKeyId|access key ID|SignatureDoesNotMatch|AccessDenied|Forbidden|\b40[13]\b|Unauthorized|"
    r"AuthenticationFailed|security_exception|NoCredentials|Unable to locate credentials",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"ConnectionRefused|Connection refused|timed out|Name or service not known|gaierror|name resolution|"
    r"No route to host|Network is unreachable|EndpointConnection|Could not connect|CERTIFICATE|SSL",
    re.IGNORECASE,
)


def refusal(report: Mapping[str, Any], store: str, namespace: str) -> KitError | None:
    """Return the error of one look, or None when the log was written and read.

    Args:
        report: What docker/logs/write.py printed.
        store: The store in words, for example "s3://bucket/logs".
        namespace: Namespace of the release.
    """
    if report.get("missing"):
        return _missing(report["missing"][0], namespace)
    if report.get("character"):
        return _character(*report["character"])
    said = str(report.get("said") or "").strip()
    if not said:
        return None
    if found := _PROVIDER.search(said):
        return _no_provider(found, store)
    for pattern, error in ((_FOLDER, _no_folder), (_LOGIN, _login), (_AWAY, _away)):
        if pattern.search(said):
            return error(store, said)
    return KitError(
        "remote-logs-unusable",
        f"Task logs cannot be kept in {store}",
        cause=said,
        fix=f"Correct logs.remote\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _missing(place: list[str], namespace: str) -> KitError:
    secret, key = place
    return KitError(
        "remote-logs-secret-incomplete",
        f"The namespace {namespace} has no Secret {secret} with the key {key}",
        cause="logs.remote reads it; pods would wait for it forever",
        fix=f"kubectl create namespace {namespace}    # if it does not exist yet\n"
        f"kubectl -n {namespace} create secret generic {secret} --from-literal={key}=…    # all keys in one command",
        code=ExitCode.PREFLIGHT,
    )


def _character(secret: str, key: str, character: str) -> KitError:
    return KitError(
        "remote-logs-key-character",
        f"The key {key} of the Secret {secret} contains the character {character!r}",
        cause="The access key becomes a part of JSON text, which this character would break",
        fix="Use another access key, or write the whole connection into a Secret: logs.remote.connectionSecret",
        code=ExitCode.PREFLIGHT,
    )


def _no_provider(found: re.Match[str], store: str) -> KitError:
    name = next((package for path, package in _PACKAGES.items() if (found["name"] or "").startswith(path)), "")
    what = f"apache-airflow-providers-{name}" if name else found["module"] or found["name"]
    return KitError(
        "remote-logs-provider-missing",
        f"The image has no {what}, which reads and writes {store}",
        cause=found[0] + "'",
        fix=f"echo {what} >> requirements.txt\nkitctl up --requirements requirements.txt    # or kitctl image build\n"
        f"{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _no_folder(store: str, said: str) -> KitError:
    return KitError(
        "remote-logs-bucket-missing",
        f"The bucket or container of {store} does not exist",
        cause=said,
        fix=f"Create it, or correct logs.remote.folder\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _login(store: str, said: str) -> KitError:
    return KitError(
        "remote-logs-login-refused",
        f"The store refuses to write or read {store} with the credentials of logs.remote",
        cause=said,
        fix=f"Correct the Secret, or grant its user the right to list, read and write there\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )


def _away(store: str, said: str) -> KitError:
    return KitError(
        "remote-logs-unreachable",
        f"Pods of this cluster cannot reach the store of {store}",
        cause=said,
        fix=f"Check logs.remote.s3.endpointUrl or the host of the connection, proxies and NetworkPolicies\n{_ANYWAY}",
        code=ExitCode.PREFLIGHT,
    )
