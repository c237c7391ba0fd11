"""Placeholders of the older kit's airflow.cfg, and what takes their place."""

from __future__ import annotations

import re

from kitctl.errors import ExitCode, KitError

_DATABASE = "database: {host, user, name, passwordSecret} in the values; the password stays in its Secret"
_BROKER = "broker: {kind: …} in the values, with the CeleryExecutor; delete the line"
_KEYS = "the keys Secret, which the kit makes once; delete the line, or set keys.existingSecret"
_OWN = "a value of the chart, or the variable's own value"

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
    "URL_PREFIX": "ingress: {ui: {path: /PREFIX}} or apiServer: {baseUrl: https://HOST/PREFIX} in the values",
    "CONFIGMAP_GIT_REPO": "dags: {mode: git, git: {repo: …}} in the values",
    "CONFIGMAP_BRANCH": "dags: {git: {ref: …}} in the values",
}


_NAME = re.compile(r"\{\{-?\s*([A-Z][A-Z0-9_]*)\s*-?\}\}")
"""Names in capitals only: `{{ ti.dag_id }}` is Airflow's own, in names of log files."""


def explain(text: str, template: str) -> KitError | None:
    """Explain the older kit's names that a text uses, all at once.

    Args:
        text: A template, or an airflow.cfg that was one.
        template: Its name in the error.

    Returns:
        An error with a line for each name, or None when there is no such name.
    """
    names = list(dict.fromkeys(_NAME.findall(text)))
    if not names:
        return None
    written = ", ".join(f"{{{{ {name} }}}}" for name in names)
    instead = "\n".join(f"Instead of {name}: {INSTEAD.get(name, _OWN)}" for name in names)
    return KitError(
        "airflow-cfg-placeholder",
        f"{template} uses {written}: placeholders of kube-airflow",
        cause="airflow.cfg is now the same in every release: what differs is set by environment variables, which "
        "override it, and secrets are read from files",
        fix=f"{instead}\nAll keys: docs/reference/values.md",
        code=ExitCode.USAGE,
    )
