"""Gives pods that tasks launch the security context of worker pods, field by field where the task sets none.

A namespace that enforces Pod Security "restricted" would refuse them. Airflow calls it in the process of a task, for
each pod of a KubernetesPodOperator, a @task.kubernetes or a KubernetesJobOperator.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from airflow.policies import hookimpl
from airflow_kit_policy.guard import as_dict, in_task

FACTS = "AIRFLOW_KIT_OPERATOR_PODS"
"""JSON: {"pod": context, "container": context, "image": name, "pullPolicy": text, "pullSecrets": [{"name": name}]}."""
NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
SIDECAR = "airflow-xcom-sidecar"


# Last of all hooks: what a user's own hook says counts.
@hookimpl(trylast=True)
def pod_mutation_hook(pod: Any) -> None:
    """Complete a pod of this namespace; pods of other namespaces and clusters stay as they are."""
    if FACTS not in os.environ or not in_task() or not NAMESPACE.is_file():
        return
    if pod.metadata.namespace != NAMESPACE.read_text().strip():
        return
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
    from airflow.providers.cncf.kubernetes.utils.xcom_sidecar import PodDefaults

    facts = json.loads(os.environ[FACTS])
    made = as_dict(pod)
    lend_image(made["spec"], facts, PodDefaults.SIDECAR_CONTAINER.image)
    restrict(made["spec"], facts)
    pod.spec = PodGenerator.deserialize_model_dict(made).spec


def restrict(spec: dict[str, Any], facts: dict[str, Any]) -> None:
    """Complete the security contexts of a pod's spec."""
    own = spec.get("securityContext") or {}
    containers = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    contexts = [container.get("securityContext") or {} for container in containers]
    ours = dict(facts["pod"])
    if any(context.get("runAsUser") == 0 for context in [own, *contexts]):
        # The task asks for root, so the namespace must allow it: this field would only break the pod.
        ours.pop("runAsNonRoot", None)
    spec["securityContext"] = {**ours, **own}
    for container, context in zip(containers, contexts, strict=True):
        container["securityContext"] = {**dict(_fitting(facts["container"], context)), **context}


def _fitting(ours: dict[str, Any], context: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that go together with what the task says: Kubernetes refuses some pairs everywhere."""
    added = (context.get("capabilities") or {}).get("add") or []
    escalates = context.get("privileged") or {"SYS_ADMIN", "CAP_SYS_ADMIN"} & set(added)
    for key, value in ours.items():
        if not (escalates and key == "allowPrivilegeEscalation"):
            yield key, value


def lend_image(spec: dict[str, Any], facts: dict[str, Any], usual: str) -> None:
    """Let the sidecar that hands over XCom run the release's image, which is on the node, where nobody chose another.

    Args:
        spec: The pod's spec.
        facts: See FACTS.
        usual: The image that the operator takes where nobody chose one.
    """
    for container in spec.get("containers") or []:
        if container["name"] == SIDECAR and container.get("image") == usual:
            container.update(image=facts["image"], imagePullPolicy=facts["pullPolicy"])
            spec["imagePullSecrets"] = [*(spec.get("imagePullSecrets") or []), *facts["pullSecrets"]]
