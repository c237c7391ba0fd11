"""A worker profile: a whole pod template for one task, selected by name.

Profiles are small changes to the worker pod, which the values define (values-examples/worker-profiles.yaml):

    workers:
      profiles:
        big: {containers: [{resources: {requests: {cpu: 500m, memory: 1Gi}}}]}

Each profile becomes the file /opt/airflow/pod_templates/<name>.yaml, in every DAG mode. The scheduler reads it when it
creates the pod of the task. A template in the DAG folder would not work, because the scheduler of Airflow 3 has no DAG
folder.

The profile `default` always exists. EXAMPLE_PROFILE selects another one (in the values:
`env: [{name: EXAMPLE_PROFILE, value: big}]`).
"""

import os

from airflow.sdk import dag, task

PROFILE = os.environ.get("EXAMPLE_PROFILE", "default")


@dag(schedule=None, tags=["example", "kubernetes-executor"], doc_md=__doc__)
def example_pod_template():
    @task(executor_config={"pod_template_file": f"/opt/airflow/pod_templates/{PROFILE}.yaml"})
    def run_by_profile():
        print("The profile of this pod:", PROFILE)
        return PROFILE

    run_by_profile()


example_pod_template()
