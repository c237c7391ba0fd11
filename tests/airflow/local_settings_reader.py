"""Says what Airflow makes of airflow_local_settings.py and of the folder of plugins; runs with Airflow's Python."""

import json
from types import SimpleNamespace

from airflow import plugins_manager, settings
from kubernetes.client import models as k8s

pod = k8s.V1Pod(metadata=k8s.V1ObjectMeta(labels={}), spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base")]))
settings.pod_mutation_hook(pod)
task = SimpleNamespace(queue="default", retries=0)
settings.task_policy(task)
plugins, errors = plugins_manager.get_plugin_info(), plugins_manager.get_import_errors()
found = {"labels": pod.metadata.labels, "queue": task.queue, "plugins": [p["name"] for p in plugins], "errors": errors}
print(json.dumps(found))  # noqa: T201 - read by test_local_settings.py
