"""What a pod template may say of the release: Go expressions, since the values are known only when Helm runs."""

from __future__ import annotations

from dataclasses import dataclass, fields


def _go(expression: str) -> str:
    return "{{ " + expression + " }}"


def _slot(name: str) -> str:
    return f'(include "kit.dags.slot" (dict "root" $ "slot" "{name}" "role" "worker"))'


@dataclass(frozen=True)
class Facts:
    """Facts of the release in a pod template.

    Names and maps are complete Go actions to be written where a value stands: each gives a name, or JSON, which is
    YAML as well, so Helm runs `tpl` once and nothing has to be indented. Fields that end in `_list` are bare
    expressions for the macro `items`, which writes the entries of the list below one another.
    """

    # names
    image: str = _go('include "kit.image" $')
    pull_policy: str = _go("$.Values.image.pullPolicy")
    service_account: str = _go(
        'include "kit.serviceAccountName" (dict "root" $ "component" "worker" "values" $.Values.workers)'
    )
    config_map: str = _go('include "kit.name" (dict "root" $ "component" "config")')
    priority_class: str = _go("$.Values.workers.priorityClassName | toJson")
    # JSON
    automount_token: str = _go(
        "or $.Values.workers.automountServiceAccountToken $.Values.workers.podOperatorRights | toJson"
    )
    grace_seconds: str = _go("$.Values.workers.terminationGracePeriodSeconds | int | toJson")
    labels: str = _go(
        'include "kit.podLabels" (dict "root" $ "component" "worker" "values" $.Values.workers) | fromYaml | toJson'
    )
    annotations: str = _go("$.Values.workers.podAnnotations | toJson")
    pod_security: str = _go('include "kit.podSecurityContext" $ | fromYaml | toJson')
    container_security: str = _go('include "kit.containerSecurityContext" $ | fromYaml | toJson')
    resources: str = _go("$.Values.workers.resources | toJson")
    tmp: str = _go('include "kit.workers.tmp" $')
    logs: str = _go('include "kit.workers.logs" $')
    node_selector: str = _go("$.Values.workers.nodeSelector | toJson")
    affinity: str = _go("$.Values.workers.affinity | toJson")
    tolerations: str = _go("$.Values.workers.tolerations | toJson")
    spread: str = _go('include "kit.workers.spread" $')
    pull_secrets: str = _go("$.Values.image.pullSecrets | toJson")
    env_from: str = _go("$.Values.envFrom | toJson")
    # lists for the macro `items`
    env_list: str = 'include "kit.env" (dict "root" $ "role" "worker" "env" $.Values.workers.env) | fromYamlArray'
    volumes_list: str = f"concat ({_slot('volumes')} | fromYamlArray) $.Values.workers.extraVolumes"
    mounts_list: str = f"concat ({_slot('mounts')} | fromYamlArray) $.Values.workers.extraVolumeMounts"
    init_list: str = f"concat ({_slot('once')} | fromYamlArray) $.Values.workers.extraInitContainers"
    containers_list: str = "$.Values.workers.extraContainers"


def names() -> list[str]:
    """Return the names of all facts."""
    return [field.name for field in fields(Facts)]
