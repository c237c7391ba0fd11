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
