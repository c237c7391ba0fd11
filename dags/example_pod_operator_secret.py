"""KubernetesPodOperator with a Kubernetes Secret: one key as an environment variable, the whole Secret as files.

The values never pass through Airflow. They are not in its database, in its logs or in the worker pod. Create the Secret
first:

    kubectl -n airflow create secret generic example-secret --from-literal=token=s3cret

Worker pods need the same rights as in example_pod_operator:

    kitctl up --dags dags --set workers.podOperatorRights=true
"""

import os

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.secret import Secret
from airflow.sdk import dag

AIRFLOW_IMAGE = os.environ.get("AIRFLOW_KIT_IMAGE", "docker.io/apache/airflow:3.3.2")
COMPARE = """
import os, pathlib
token = os.environ["EXAMPLE_TOKEN"]
assert token == pathlib.Path("/var/example/token").read_text()
print("the Secret arrived, with", len(token), "characters")
"""


@dag(schedule=None, tags=["example", "pod-operator"], doc_md=__doc__)
def example_pod_operator_secret():
    KubernetesPodOperator(
        task_id="read_secret",
        name="read-secret",
        image=f"{{{{ var.value.get('example_python_image', '{AIRFLOW_IMAGE}') }}}}",
        cmds=["python3", "-c"],
        arguments=[COMPARE],
        labels={"example": "pod-operator-secret"},
        secrets=[
            Secret("env", "EXAMPLE_TOKEN", "example-secret", "token"),
            Secret("volume", "/var/example", "example-secret"),
        ],
        startup_timeout_seconds=300,
    )


example_pod_operator_secret()
