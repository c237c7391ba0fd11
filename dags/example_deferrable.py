"""A task that waits without a pod: it defers itself, its pod ends, and the triggerer wakes it in a new one.

While it waits it costs a few kilobytes in the triggerer instead of a worker pod. In the UI its state is
`deferred`.
"""

from datetime import timedelta

from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.sdk import dag, task


@dag(schedule=None, tags=["example"], doc_md=__doc__)
def example_deferrable():
    @task
    def afterwards():
        print("Woken up, and on we go")

    TimeDeltaSensor(task_id="wait_without_a_pod", delta=timedelta(seconds=20), deferrable=True) >> afterwards()


example_deferrable()
