"""Shows the KubernetesExecutor the worker pods of its own release, and no others of the namespace.

The executor asks Kubernetes for pods by the number of a scheduler. Each database counts these from 1. So in a namespace
with two releases, a scheduler would adopt and delete pods of the other release, and the API server would read their
logs. Airflow loads this module in both.
"""

import functools
import importlib.util
import inspect
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from airflow.policies import hookimpl
from airflow_kit_policy.guard import in_task

SCOPE = "AIRFLOW_KIT_POD_SCOPE"
"""The name of the release, where it is set."""
LABEL = "app.kubernetes.io/instance"
MODULE = "airflow.providers.cncf.kubernetes.kube_client"
"""Every version of the provider takes the client of the executor from its `get_kube_client`."""
LIST = re.compile(r"/api/v1/(namespaces/[^/]+/)?pods")
ARGUMENTS = ["resource_path", "method", "path_params", "query_params"]


# Last of all hooks: a user's own may replace the labels, and the scheduler would not see the pod again.
@hookimpl(trylast=True)
def pod_mutation_hook(pod: Any) -> None:
    """Label a worker pod with its release; a whole pod template of the user's may not have the label."""
    if SCOPE in os.environ and not in_task():
        pod.metadata.labels = {**(pod.metadata.labels or {}), LABEL: os.environ[SCOPE]}


def narrow(api: Any, release: str) -> None:
    """Let a client list and watch pods of one release only.

    Args:
        api: The ApiClient; its other calls stay as they are.
        release: The name of the release.

    Raises:
        TypeError: if this version of the client calls Kubernetes in another way, so that nothing would be narrowed.
    """
    call = api.call_api
    if [*inspect.signature(call).parameters][: len(ARGUMENTS)] != ARGUMENTS:
        raise TypeError("airflow-kit cannot limit this version of the Kubernetes client to the pods of the release")

    @functools.wraps(call)
    def call_api(
        resource_path: str, method: str, path_params: Any = None, query_params: Any = None, *more: Any, **named: Any
    ) -> Any:
        # With the LocalExecutor, tasks run in the scheduler's container, and see what they ask for.
        if method == "GET" and LIST.fullmatch(resource_path) and not in_task():
            query = list(query_params or [])
            selectors = [value for key, value in query if key == "labelSelector" and value]
            query_params = [pair for pair in query if pair[0] != "labelSelector"]
            query_params.append(("labelSelector", ",".join([*selectors, f"{LABEL}={release}"])))
        return call(resource_path, method, path_params, query_params, *more, **named)

    api.call_api = call_api


def narrowed(make: Callable[..., Any], release: str) -> Callable[..., Any]:
    """Wrap what makes the client of the executor, a CoreV1Api."""

    @functools.wraps(make)
    def get_kube_client(*args: Any, **kwargs: Any) -> Any:
        made = make(*args, **kwargs)
        narrow(made.api_client, release)
        return made

    return get_kube_client


def narrow_module(module: Any) -> None:
    """Replace the function that makes the client."""
    module.get_kube_client = narrowed(module.get_kube_client, os.environ[SCOPE])


class AfterImport:
    """Finds the module that makes the client, once, and changes it before others can take the function from it.

    Importing it here would add half a second to the start of the API server, which rarely needs it.
    """

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec of the module, by the finders behind this one; None for others."""
        if name != MODULE:
            return None
        sys.meta_path.remove(self)  # type: ignore[arg-type]
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = _then(spec.loader.exec_module, narrow_module)  # type: ignore[method-assign]
        return spec


def _then(load: Callable[[Any], None], change: Callable[[Any], None]) -> Callable[[Any], None]:
    def exec_module(module: Any) -> None:
        load(module)
        change(module)

    return exec_module


if os.environ.get(SCOPE):
    if MODULE in sys.modules:
        narrow_module(sys.modules[MODULE])
    else:
        sys.meta_path.insert(0, AfterImport())
