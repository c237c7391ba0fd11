"""KubernetesPodOperator runs any container as a task. One task succeeds and one fails; the UI shows both logs.

The first task runs one line of Python in an image that contains Python. The second task runs the same line in an image
without Python. Its container cannot start, so the task fails on purpose.

The pod of the task creates another pod. Worker pods have no right to do so by default, because anyone who can create
pods can mount every Secret of the namespace. This command gives them the rights:

    kitctl up --dags dags --set workers.podOperatorRights=true

The images are Airflow variables, which are read when the task runs:

    kitctl exec scheduler -- airflow variables set example_python_image docker.io/library/python:3.13-slim
    kitctl exec scheduler -- airflow variables set example_no_python_image docker.io/library/ubuntu:24.04

The default images are on the node already: the Airflow image of the release, and the PostgreSQL image, which has no
Python.

The namespaces that kitctl creates enforce Pod Security "restricted". A cluster policy of the kit gives these pods the
security context that this requires, as user 50000; a task that needs another user says so with `security_context`.
"""

import os

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag
from kubernetes.client import models as k8s

AIRFLOW_IMAGE = os.environ.get("AIRFLOW_KIT_IMAGE", "docker.io/apache/airflow:3.3.2")
PYTHON_IMAGE = f"{{{{ var.value.get('example_python_image', '{AIRFLOW_IMAGE}') }}}}"
NO_PYTHON_IMAGE = "{{ var.value.get('example_no_python_image', 'docker.io/library/postgres:17') }}"

SHARED = {
    "cmds": ["python3", "-c"],
    "arguments": ["import sys; print('hello from', sys.version)"],
    "labels": {"example": "pod-operator"},
    "get_logs": True,
    "container_resources": k8s.V1ResourceRequirements(requests={"cpu": "50m", "memory": "64Mi"}),
    "on_finish_action": "delete_pod",
    "startup_timeout_seconds": 300,
}


@dag(schedule=None, tags=["example", "pod-operator"], doc_md=__doc__)
def example_pod_operator():
    KubernetesPodOperator(task_id="passing_task", name="passing-task", image=PYTHON_IMAGE, **SHARED)
    KubernetesPodOperator(task_id="failing_task", name="failing-task", image=NO_PYTHON_IMAGE, **SHARED)


example_pod_operator()
