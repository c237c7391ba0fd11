"""A task that waits without a pod. It defers itself, its pod ends, and the triggerer resumes it in a new pod.

While the task waits, its state in the UI is `deferred`. It needs a few kilobytes of memory in the triggerer and no
worker pod.
"""

from datetime import timedelta

from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.sdk import dag, task


@dag(schedule=None, tags=["example"], doc_md=__doc__)
def example_deferrable():
    @task
    def afterwards():
        print("The wait is over")

    TimeDeltaSensor(task_id="wait_without_a_pod", delta=timedelta(seconds=20), deferrable=True) >> afterwards()


example_deferrable()
