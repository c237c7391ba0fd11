"""What a pod template may say of the release: Go expressions, since the values are known only when Helm runs."""

from __future__ import annotations

from dataclasses import dataclass, fields


def _go(expression: str) -> str:
    return "{{ " + expression + " }}"


def _worker(name: str) -> str:
    return f'include "kit.workers.{name}" (dict "root" $ "section" $pod)'


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
        'include "kit.serviceAccountName" (dict "root" $ "component" "worker" "values" $.Values.workers) | quote'
    )
    config_map: str = _go('include "kit.name" (dict "root" $ "component" "config")')
    priority_class: str = _go("$pod.priorityClassName | toJson")
    scheduler_name: str = _go("$pod.schedulerName | toJson")
    runtime_class: str = _go("$pod.runtimeClassName | toJson")
    dns_policy: str = _go("$pod.dnsPolicy | toJson")
    # JSON
    automount_token: str = _go('include "kit.workers.automount" (dict "root" $ "section" $pod)')
    grace_seconds: str = _go("$.Values.workers.terminationGracePeriodSeconds | int | toJson")
    labels: str = _go(_worker("labels"))
    annotations: str = _go('include "kit.workers.annotations" $pod')
    pod_security: str = _go('include "kit.podSecurityContext" (dict "section" $pod "user" 50000) | fromYaml | toJson')
    container_security: str = _go('include "kit.containerSecurityContext" (dict "section" $pod) | fromYaml | toJson')
    resources: str = _go("$pod.resources | toJson")
    tmp: str = _go('include "kit.workers.tmp" $')
    logs: str = _go('include "kit.workers.logs" $')
    node_selector: str = _go("$pod.nodeSelector | toJson")
    affinity: str = _go("$pod.affinity | toJson")
    tolerations: str = _go("$pod.tolerations | toJson")
    spread: str = _go(_worker("spread"))
    host_aliases: str = _go("$pod.hostAliases | toJson")
    dns_config: str = _go("$pod.dnsConfig | toJson")
    pull_secrets: str = _go("$.Values.image.pullSecrets | toJson")
    env_from: str = _go("$.Values.envFrom | toJson")
    # lists for the macro `items`
    env_list: str = 'include "kit.env" (dict "root" $ "role" "worker" "env" $pod.env) | fromYamlArray'
    volumes_list: str = f"{_worker('volumes')} | fromJsonArray"
    mounts_list: str = f"{_worker('allMounts')} | fromJsonArray"
    init_list: str = f"{_worker('initContainers')} | fromJsonArray"
    containers_list: str = "$pod.extraContainers"


def names() -> list[str]:
    """Return the names of all facts."""
    return [field.name for field in fields(Facts)]
