"""A whole pod template for one task: a worker profile, picked by name.

Profiles are small overrides of the worker pod, named in the values (values-examples/worker-profiles.yaml):

    workers:
      profiles:
        big: {containers: [{resources: {requests: {cpu: 500m, memory: 1Gi}}}]}

Each becomes the file /opt/airflow/pod_templates/<name>.yaml, which the scheduler reads when it launches the
task, in every DAG mode. A template kept in the DAG folder would not work: the scheduler of Airflow 3 has no
DAG folder.

`default` is always there. EXAMPLE_PROFILE chooses another (values: `env: [{name: EXAMPLE_PROFILE, value:
big}]`).
"""

import os

from airflow.sdk import dag, task

PROFILE = os.environ.get("EXAMPLE_PROFILE", "default")


@dag(schedule=None, tags=["example", "kubernetes-executor"], doc_md=__doc__)
def example_pod_template():
    @task(executor_config={"pod_template_file": f"/opt/airflow/pod_templates/{PROFILE}.yaml"})
    def run_by_profile():
        print("My pod was made from the profile", PROFILE)
        return PROFILE

    run_by_profile()


example_pod_template()
