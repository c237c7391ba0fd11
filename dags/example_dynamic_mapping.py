"""Dynamic task mapping: one pod for each element of a list that another task returns."""

from airflow.sdk import dag, task


@dag(schedule=None, tags=["example"], doc_md=__doc__, params={"count": 4})
def example_dynamic_mapping():
    @task
    def numbers(params):
        return list(range(1, int(params["count"]) + 1))

    @task
    def square(number):
        return number * number

    @task
    def total(squares):
        return sum(squares)

    total(square.expand(number=numbers()))


example_dynamic_mapping()
