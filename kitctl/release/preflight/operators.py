"""Whether the cluster has the operators whose objects a release would have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube.client import Kube


def there(kube: Kube, objects: Iterable[dict[str, Any]]) -> None:
    """Refuse objects of KEDA on a cluster without KEDA. The chart does the same where Helm asks the cluster.

    Raises:
        KitError: `keda-missing`.
    """
    for obj in objects:
        if not str(obj["apiVersion"]).startswith("keda.sh/"):
            continue
        try:
            kube.resource_of(obj)
        except KitError as error:
            if error.id != "kind-unknown":
                raise
            raise KitError(
                "keda-missing",
                "KEDA scales Celery workers, but the cluster does not have KEDA",
                cause=f"The kind {obj['kind']} of {obj['apiVersion']} is not there",
                fix="helm repo add kedacore https://kedacore.github.io/charts\n"
                "helm install keda kedacore/keda -n keda --create-namespace\n"
                "or use a HorizontalPodAutoscaler (docs/executors.md#autoscaling)",
                code=ExitCode.PREFLIGHT,
            ) from error


def password_fits(kube: Kube, namespace: str, objects: Iterable[dict[str, Any]]) -> None:
    """Refuse a password that KEDA would write wrongly into the text of its connection, which it does not quote.

    A Secret that is not there yet gets a password of the kit's, which fits.

    Raises:
        KitError: `keda-password-character`.
    """
    for obj in objects:
        if obj["kind"] != "TriggerAuthentication":
            continue
        for ref in obj["spec"].get("secretTargetRef") or ():
            held = kube.secret(namespace, ref["name"]) if ref["parameter"] == "password" else None
            password = (held or {}).get(ref["key"], "")
            if "\\" not in password and not password.startswith("'"):
                continue
            raise KitError(
                "keda-password-character",
                "KEDA cannot log in to the database with this password",
                cause=f"The key {ref['key']} of the Secret {ref['name']} has a backslash, or an apostrophe at first",
                fix="workers: {celery: {autoscaling: {keda: {connectionSecret: {name: SECRET}}}}}"
                "    # with the whole connection, or change the password",
                code=ExitCode.PREFLIGHT,
            )
