"""What the values add to Airflow's processes: airflow_local_settings.py, and an auth manager other than FAB's.

A short-lived pod looks at it, before the release changes, with the image that will run it. A file that is no Python and
a class that the image lacks would stop every pod, so they stop the deploy. Where the pod cannot run, that is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir
from kitctl.release import auth, job_pod
from kitctl.release.handle import setting
from kitctl.release.preflight.asked import Asked
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

_PATIENCE_SECONDS = 120.0
_LIFE_SECONDS = 300
_VOLUME, _FOLDER = "local-settings", "/kit"
_FILE = f"{_FOLDER}/airflow_local_settings.py"


def check(
    kube: Kube,
    namespace: str,
    config: Mapping[str, Any],
    objects: list[dict[str, Any]],
    note: Callable[[str], None],
    deadline: Deadline,
) -> Asked:
    """Look at the file and at the class of the auth manager.

    Args:
        kube: The cluster.
        namespace: Namespace of the release; it must exist.
        config: The values as Helm merged them, without the chart's defaults.
        objects: The rendered objects; the dag-processor is the pattern of the pod.
        note: Takes one line about what is looked at, or why it could not be.
        deadline: How long to wait.

    Returns:
        Whether there was something to ask, and an answer.

    Raises:
        KitError: `local-settings-invalid`, `auth-manager-missing` (code PREFLIGHT).
    """
    components = job_pod.deployments(objects)
    processor, server = components.get(job_pod.PATTERN), components.get("api-server")
    if processor is None or server is None:
        return Asked.NOTHING
    spec, volumes = asked(server["spec"]["template"]["spec"], config)
    if not any(spec.values()):
        return Asked.NOTHING
    pod = _pod(processor, server, spec, volumes, config)
    said, why = job_pod.report(kube, namespace, pod, _PATIENCE_SECONDS, deadline)
    if said is None:
        note(f"the auth manager and airflow_local_settings.py were not looked at: {why}")
        return Asked.UNKNOWN
    if words := said.get("syntax"):
        raise _invalid(words)
    if words := said.get("missing"):
        raise _missing(spec["manager"], words)
    if words := said.get("away"):
        note(f"Warning: nobody can log in until {spec['realm']} answers: {words}")
        return Asked.UNKNOWN
    return Asked.FINE


def asked(server: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what docker/extension/look.py is asked, and the volume that it reads.

    Args:
        server: The PodSpec of the API server.
        config: The values.
    """
    text = setting(config, "airflowLocalSettings", "text") or None
    volumes = [] if text else [_optional(v) for v in server.get("volumes") or () if v["name"] == _VOLUME]
    manager = auth.read_auth(server)
    path = next((path for path, name in auth.PATHS.items() if name == manager.name), manager.name)
    # A class of the user's may be in a folder of plugins, which this pod does not have.
    plugins = setting(config, "dags", "plugins") or setting(config, "plugins", "existingClaim")
    looked = manager.name != auth.FAB and not (plugins and manager.name == path)
    realm = ""
    if manager.name == auth.KEYCLOAK:
        place = setting(config, "auth", "keycloak") or {}
        realm = f"{str(place.get('serverUrl')).rstrip('/')}/realms/{place.get('realm')}"
    file = _FILE if volumes else ""
    return {"settings": text, "file": file, "manager": path if looked else "", "realm": realm}, volumes


def _optional(volume: Mapping[str, Any]) -> dict[str, Any]:
    """Return a volume that does not keep the pod waiting when its ConfigMap or Secret is missing."""
    kind = "secret" if "secret" in volume else "configMap"
    return {**volume, kind: {**volume[kind], "optional": True}}


def _pod(
    processor: Mapping[str, Any],
    server: Mapping[str, Any],
    spec: Mapping[str, Any],
    volumes: list[dict[str, Any]],
    config: Mapping[str, Any],
) -> dict[str, Any]:
    script = (data_dir("docker") / "extension" / "look.py").read_text(encoding="utf-8")
    main = job_pod.main_container(server, "api-server")
    users = {str(e["name"]) for e in setting(config, "env") or ()}
    container = {
        "name": "look",
        "command": ["python3", "-c", script, json.dumps(spec)],
        "env": [
            *(e for e in main.get("env") or () if e["name"] in users and "value" in e),
            {"name": "AIRFLOW_HOME", "value": "/tmp/home"},  # noqa: S108 - inside the pod
        ],
        "resources": {"requests": {"cpu": "50m", "memory": "192Mi"}},
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - inside the pod
            *({"name": v["name"], "mountPath": _FOLDER, "readOnly": True} for v in volumes),
        ],
    }
    return job_pod.manifest(
        processor,
        "extension-check",
        container,
        activeDeadlineSeconds=_LIFE_SECONDS,
        volumes=[{"name": "tmp", "emptyDir": {}}, *volumes],
    )


def _invalid(words: str) -> KitError:
    return KitError(
        "local-settings-invalid",
        "airflow_local_settings.py cannot be used",
        cause=f"{words}. Every process of Airflow imports the file, and would end",
        fix="Correct airflowLocalSettings in your values, or the ConfigMap or Secret that it names",
        code=ExitCode.PREFLIGHT,
    )


def _missing(manager: str, words: str) -> KitError:
    keycloak = auth.PATHS.get(manager) == auth.KEYCLOAK
    package = "apache-airflow-providers-keycloak" if keycloak else "the package of this class"
    return KitError(
        "auth-manager-missing",
        f"The image cannot import the auth manager {manager}",
        cause=words,
        fix="echo apache-airflow-providers-keycloak >> requirements.txt\nkitctl up --requirements requirements.txt\n"
        "# or with the versions that the kit has locked: kitctl image build --extras keycloak"
        if keycloak
        else f"Put {package} into the image, or correct auth.manager",
        code=ExitCode.PREFLIGHT,
    )
