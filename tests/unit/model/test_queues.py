"""The queues of Celery workers, as values name them."""

import pytest

from kitctl.model import queues
from kitctl.model.user_values import UserValues

VARIABLE = {"name": "AIRFLOW__OPERATORS__DEFAULT_QUEUE", "value": "env"}


@pytest.mark.parametrize(
    ("document", "default", "served"),
    [
        ({}, "default", ["default"]),
        ({"config": {"operators": {"default_queue": "main"}}}, "main", ["main"]),
        ({"config": {"Operators": {"DEFAULT_QUEUE": "main"}, "core": None}, "env": [VARIABLE]}, "env", ["env"]),
        ({"pods": {"env": [VARIABLE]}}, "env", ["env"]),
        ({"env": [{"name": VARIABLE["name"], "valueFrom": {}}]}, "default", ["default"]),
        ({"workers": {"celery": {"queues": ["a"], "groups": [{"queues": ["b", "a"]}, {}]}}}, "default", ["a", "b"]),
        ({"workers": {"celery": {"queues": [], "groups": [{"queues": ["b"]}]}}}, "default", ["default", "b"]),
    ],
)
def test_queues_come_from_workers_and_groups_and_the_default_from_airflows_option(document, default, served):
    user = UserValues(document)
    assert (queues.default_queue(user), queues.served(user)) == (default, served)
    assert queues.variable(user) == ({} if default == "default" else {VARIABLE["name"]: default})
