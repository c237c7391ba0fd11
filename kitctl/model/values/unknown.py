"""What somebody may have meant by a key that the chart does not have: a key of an older chart, or a slip."""

from __future__ import annotations

from difflib import get_close_matches

from kitctl.model.values.allowed import keys

# Of kube-airflow and of the official chart; what they were is told by docs/migrating-from-kube-airflow.md.
_OLD = {
    "airflow": "image, airflowVersion, config, dags.path, keys.existingSecret",
    "celery": "executors; this chart deploys no Celery workers",
    "redis": "nothing: the KubernetesExecutor has no broker",
    "rabbitmq": "nothing: the KubernetesExecutor has no broker",
    "flower": "nothing: there are no Celery workers to watch; kitctl status --watch shows task pods",
    "postgresql": "postgres for the kit's own database, database for one of yours",
    "db": "postgres for the kit's own database, database for one of yours",
    "persistence": "logs.persistence for logs, dags.pvc for DAGs, postgres.storage for the database",
    "ingress": "extraObjects with an Ingress of yours, and its address as apiServer.baseUrl",
    "web": "apiServer",
    "webserver": "apiServer; its airflow.cfg options are config: {api: …}",
    "executor": "executors: [KubernetesExecutor]",
    "dags/git_sync_enabled": "dags.mode: git",
    "dags/git_repo": "dags.git.repo",
    "dags/git_branch": "dags.git.ref",
    "dags/poll_interval_sec": "dags.git.periodSeconds",
    "dags/git_sync_debug": "nothing: kitctl logs dag-processor shows what git-sync says",
    "dags/load_examples": "dags.loadExamples",
    "dags/pickle_dag": "nothing: Airflow does not pickle DAGs any more",
    "dags/gitSync": "dags.git, with dags.mode: git",
    "dags/persistence": "dags.pvc, with dags.mode: pvc",
}


def meant(pointer: str, name: str) -> str:
    """Say what took the place of an unknown key, or which key is spelt nearly so.

    Args:
        pointer: The place as Helm tells it: "" or e.g. "/dags".
        name: The key that is not there.

    Returns:
        For example "dags.git_repo is now: dags.git.repo"; "" where nothing is near.
    """
    place = ".".join(part for part in pointer.split("/") if part)
    dotted = f"{place}.{name}" if place else name
    if new := _OLD.get(f"{pointer}/{name}".lstrip("/")):
        return f"{dotted} is now: {new}"
    known = {key.lower(): key for key in keys(pointer)}
    near = get_close_matches(name.lower().replace("_", "").replace("-", ""), known, n=1, cutoff=0.75)
    return f"Did you mean {known[near[0]] if not place else f'{place}.{known[near[0]]}'} by {dotted}?" if near else ""
