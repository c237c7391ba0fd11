"""A task whose pod runs in another namespace, with KubernetesPodOperator.

The pods of the KubernetesExecutor itself always run in the namespace of the workers. KubernetesPodOperator can choose
another one. This DAG takes it from the Airflow variable `example_namespace`. Without the variable, it uses the
namespace of the workers. For example, to use the namespace `jobs`, allow the workers of the release `airflow` to create
pods there:

    kubectl create namespace jobs
    kubectl -n jobs create role airflow-pods --verb=create,get,list,watch,patch,delete --resource=pods,pods/log,events
    kubectl -n jobs create rolebinding airflow-pods --role=airflow-pods --serviceaccount=airflow:airflow-worker
    kitctl exec scheduler -- airflow variables set example_namespace jobs

Worker pods need the same rights as in example_pod_operator:

    kitctl up --dags dags --set workers.podOperatorRights=true
"""

import os

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag
from kubernetes.client import models as k8s

AIRFLOW_IMAGE = os.environ.get("AIRFLOW_KIT_IMAGE", "docker.io/apache/airflow:3.3.2")
OWN_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"


def own_namespace():
    """Return the namespace of this pod, which Kubernetes mounts together with the token."""
    try:
        with open(OWN_NAMESPACE) as file:  # noqa: PTH123 - one line, no import
            return file.read().strip()
    except OSError:
        return "default"


@dag(
    schedule=None,
    tags=["example", "pod-operator"],
    doc_md=__doc__,
    # Airflow evaluates a macro in the pod of the task, not while the file is parsed.
    user_defined_macros={"own_namespace": own_namespace},
)
def example_other_namespace():
    KubernetesPodOperator(
        task_id="elsewhere",
        name="elsewhere",
        namespace="{{ var.value.get('example_namespace', '') or own_namespace() }}",
        image=f"{{{{ var.value.get('example_python_image', '{AIRFLOW_IMAGE}') }}}}",
        cmds=["python3", "-c"],
        arguments=["import os; print('I run in', os.environ['POD_NAMESPACE'])"],
        env_vars=[
            k8s.V1EnvVar(
                name="POD_NAMESPACE",
                value_from=k8s.V1EnvVarSource(field_ref=k8s.V1ObjectFieldSelector(field_path="metadata.namespace")),
            )
        ],
        security_context=k8s.V1PodSecurityContext(
            run_as_non_root=True, run_as_user=50000, seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault")
        ),
        container_security_context=k8s.V1SecurityContext(
            allow_privilege_escalation=False, capabilities=k8s.V1Capabilities(drop=["ALL"])
        ),
        startup_timeout_seconds=300,
    )


example_other_namespace()
