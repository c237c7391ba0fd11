"""A container without Airflow returns a value: KubernetesPodOperator with XCom.

The container writes JSON into /airflow/xcom/return.json. A sidecar keeps the pod until Airflow has read the file with a
command in that pod, so worker pods need one more right than in example_pod_operator:

    kitctl up --dags dags --set workers.podOperatorRights=true --set workers.allowExec=true

The sidecar is a container of the release's own image, which is on the node already.
"""

import os

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag, task

AIRFLOW_IMAGE = os.environ.get("AIRFLOW_KIT_IMAGE", "docker.io/apache/airflow:3.3.2")
WRITE = """
import json, pathlib
pathlib.Path("/airflow/xcom/return.json").write_text(json.dumps({"rows": 3}))
"""


@dag(schedule=None, tags=["example", "pod-operator"], doc_md=__doc__)
def example_pod_operator_xcom():
    count = KubernetesPodOperator(
        task_id="count",
        name="count",
        image=f"{{{{ var.value.get('example_python_image', '{AIRFLOW_IMAGE}') }}}}",
        cmds=["python3", "-c"],
        arguments=[WRITE],
        do_xcom_push=True,
        startup_timeout_seconds=300,
    )

    @task
    def use(result: dict):
        if result != {"rows": 3}:
            raise ValueError(f"The container returned {result!r}")
        print("the container counted", result["rows"], "rows")

    use(count.output)


example_pod_operator_xcom()
