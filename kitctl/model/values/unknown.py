"""What somebody may have meant by a key that the chart does not have: a key of an older chart, or a slip."""

from __future__ import annotations

from difflib import get_close_matches

from kitctl.model.values.allowed import keys

# Keys of kube-airflow and of the official chart; docs/migrating-from-kube-airflow.md explains them.
_RENAMED = {
    "airflow": "image, airflowVersion, config, dags.path, keys.existingSecret",
    "celery": "workers.celery, with executors: [CeleryExecutor]",
    "redis": "broker.redis for the kit's own broker, broker.external for one of yours",
    "rabbitmq": "broker.rabbitmq with broker.kind: rabbitmq for the kit's own broker, broker.external for one of yours",
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
    "dags/load_examples": "dags.loadExamples",
    "dags/gitSync": "dags.git, with dags.mode: git",
    "flower/url_prefix": "flower.urlPrefix",
    "flower/password": "the key flower-password of the keys Secret; keys.existingSecret for a Secret of yours",
    "dags/persistence": "dags.pvc, with dags.mode: pvc",
}
_GONE = {
    "dags/git_sync_debug": "kitctl logs dag-processor shows the log of git-sync",
    "dags/pickle_dag": "Airflow 3 does not pickle DAGs",
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
    old = f"{pointer}/{name}".lstrip("/")
    if new := _RENAMED.get(old):
        return f"{dotted} is now: {new}"
    if reason := _GONE.get(old):
        return f"Remove {dotted}: {reason}"
    known = {key.lower(): key for key in keys(pointer)}
    near = get_close_matches(name.lower().replace("_", "").replace("-", ""), known, n=1, cutoff=0.75)
    return f"Did you mean {f'{place}.' if place else ''}{known[near[0]]}?" if near else ""
