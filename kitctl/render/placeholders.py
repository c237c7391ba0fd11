"""Placeholders of the older kit's airflow.cfg, and what takes their place."""

from __future__ import annotations

from kitctl.errors import ExitCode, KitError

_DATABASE = "database: {host, user, name, passwordSecret} in the values; the password stays in its Secret"
_BROKER = "The KubernetesExecutor has no broker; delete the line"
_KEYS = "the keys Secret, which the kit makes once; delete the line, or set keys.existingSecret"

INSTEAD = {
    "POSTGRES_CREDS": _DATABASE,
    "POSTGRES_HOST": _DATABASE,
    "POSTGRES_PORT": _DATABASE,
    "POSTGRES_DB": _DATABASE,
    "POSTGRES_USER": _DATABASE,
    "POSTGRES_PASSWORD": _DATABASE,
    "RABBITMQ_CREDS": _BROKER,
    "RABBITMQ_HOST": _BROKER,
    "REDIS_HOST": _BROKER,
    "FERNET_KEY": _KEYS,
    "SECRET_KEY": _KEYS,
    "EXECUTOR": "executors: [KubernetesExecutor] in the values",
    "AIRFLOW_HOME": "/opt/airflow, in every pod",
    "LOAD_EXAMPLES": "dags: {loadExamples: true} in the values",
    "URL_PREFIX": "apiServer: {baseUrl: https://HOST/PREFIX} in the values",
    "CONFIGMAP_GIT_REPO": "dags: {mode: git, git: {repo: …}} in the values",
    "CONFIGMAP_BRANCH": "dags: {git: {ref: …}} in the values",
}


def explain(name: str, template: str) -> KitError | None:
    """Explain a name that a template uses and nothing defines.

    Args:
        name: The name.
        template: The template that uses it.

    Returns:
        An error for names of the older kit (they are in capitals), else None.
    """
    if not name.isupper():
        return None
    instead = INSTEAD.get(name, "a value of the chart (docs/reference/values.md), or the variable's own value")
    return KitError(
        "airflow-cfg-placeholder",
        f"{template} uses the placeholder {{{{ {name} }}}} of the older kit",
        cause="airflow.cfg is the same in every release now; what differs comes by environment, which Airflow reads "
        "first, and secrets come by file",
        fix=f"Instead of {name}: {instead}",
        code=ExitCode.USAGE,
    )
