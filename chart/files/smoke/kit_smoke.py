"""The kit's smoke DAG: two tasks, the second gets a value from the first.

One green run proves the whole chain: parsed, scheduled, a pod per task, the Execution API, XCom and logs. It has no
schedule; `kitctl up` starts it once. It comes with the release (`smoke.enabled`), in a bundle of its own, so that it
is there in every DAG mode and never mixes with the user's DAGs.
"""

from airflow.sdk import dag, task


@dag(dag_id="kit_smoke", schedule=None, tags=["airflow-kit"], doc_md=__doc__)
def kit_smoke() -> None:
    """Pass a value from one pod to another."""

    @task
    def give() -> int:
        print("6 times 7 is asked of the next pod")  # noqa: T201 - so that the log has a line to look for
        return 6

    @task
    def take(value: int) -> int:
        answer = value * 7
        print(f"the answer is {answer}")  # noqa: T201
        if answer != 42:  # noqa: PLR2004
            raise ValueError(f"got {value!r} from the other task, wanted 6")
        return answer

    take(give())


kit_smoke()
