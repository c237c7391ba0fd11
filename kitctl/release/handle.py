"""A release that runs: where it is, how to reach it, who may log in. All inspecting commands start here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model import names
from kitctl.model.settings import Settings
from kitctl.release.auth import AuthManager, Login, client_secret, read_auth, unsupported
from kitctl.release.remembered import remembered
from kitctl.tools.kube.rights import unless_forbidden

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi
    from kitctl.tools.helm.client import Helm
    from kitctl.tools.kube.client import Kube
    from kitctl.tools.kube.objects import CronJob, Job, Service, Workload

API_SERVER, FLOWER = "api-server", "flower"
OWN = "app.kubernetes.io/part-of=airflow-kit"
_PATIENCE = 20.0
"""Seconds that an address may take to answer: a port-forward starts, or its pod is being replaced."""


@dataclass
class Release:
    """A handle on one release; everything is looked up by label, once, when it is first asked for.

    Attributes:
        settings: Namespace, release name and options.
        kube: The cluster.
        helm: Helm on the same context.
    """

    settings: Settings
    kube: Kube
    helm: Helm

    @property
    def selector(self) -> str:
        """Label selector of the release's objects."""
        return f"{OWN},app.kubernetes.io/instance={self.settings.release}"

    @cached_property
    def values(self) -> dict[str, Any]:
        """All values, defaults included; {} where Helm does not know the release (Argo CD, `kubectl apply`).

        Raises:
            KitError: where Helm was not able to tell; see remembered.py.
        """
        return remembered(self.kube, self.helm, self.settings)

    @cached_property
    def cron_jobs(self) -> list[CronJob]:
        """Its CronJobs as they were when first asked; [] without the right to read them."""
        where, name = self.settings.namespace, self.settings.release
        return unless_forbidden(lambda: self.kube.cron_jobs(where, name), [])

    @cached_property
    def jobs(self) -> list[Job]:
        """Its Jobs as they were when first asked; [] without the right to read them."""
        where, name = self.settings.namespace, self.settings.release
        return unless_forbidden(lambda: self.kube.jobs(where, name), [])

    @cached_property
    def workloads(self) -> list[Workload]:
        """Its Deployments and StatefulSets as they were when first asked; KitError `release-missing` without any."""
        found = self.kube.workloads(self.settings.namespace, self.settings.release)
        if not found:
            raise self.missing()
        return found

    @cached_property
    def service(self) -> Service:
        """The Service of the API server; KitError `release-missing` without one."""
        return self._service_of(API_SERVER)

    @property
    def has_flower(self) -> bool:
        """Whether Flower is part of the release; KitError `release-missing` without a release."""
        return any(workload.component == FLOWER for workload in self.workloads)

    @cached_property
    def public_url(self) -> str:
        """The address by which users reach the UI, below whose path the API server answers; "" where none is set.

        The chart may derive it from an Ingress, so it is read from the API server's own environment.
        """
        return self._variable_of(API_SERVER, "AIRFLOW__API__BASE_URL")

    @cached_property
    def keys(self) -> dict[str, str]:
        """The keys Secret: with the release's labels, or by name where the user made it and no label tells.

        Raises:
            KitError: `keys-missing` when there is none.
        """
        settings = self.settings
        known = names.names(settings.release, settings.namespace, self.values)
        name = known.keys
        if known.keys_are_ours:
            secrets = self.kube.list("Secret", settings.namespace, self.selector)
            labelled = (i for i in secrets if "fernet-key" in (i.get("data") or {}))
            name = next((str(item["metadata"]["name"]) for item in labelled), name)
        if (found := self.kube.secret(settings.namespace, name)) is not None:
            return found
        raise KitError(
            "keys-missing",
            f"The namespace {settings.namespace} has no Secret {name} with the keys of the release {settings.release}",
            cause="It contains the passwords; without it nobody can log in, and connections cannot be decrypted",
            fix="Restore it from a backup; kitctl up makes new keys only for an empty database",
        )

    @property
    def username(self) -> str:
        """Name of the first user."""
        return str(setting(self.values, "admin", "username") or "admin")

    @property
    def password(self) -> str:
        """Password of the first user.

        Raises:
            KitError: `keys-missing`, or `password-missing` where the Secret holds none.
        """
        # The chart's own scripts read these files without the newline that `echo` and editors leave at the end.
        found = self.keys.get("admin-password", "").removesuffix("\n")
        if not found or setting(self.values, "admin", "create") is False:
            raise KitError(
                "password-missing",
                "The keys Secret has no admin-password",
                cause="The release uses a Secret of its own without that key, or admin.create is false",
                fix="Log in with a user of your own, or add the key `admin-password` to that Secret",
            )
        return found

    @cached_property
    def auth(self) -> AuthManager:
        """The auth manager that its API server runs."""
        return read_auth(self._pod_of(API_SERVER))

    @property
    def login(self) -> Login:
        """What kitctl itself logs in with; errors as of `password`, `unsupported` and `client_secret`."""
        manager = self.auth
        if manager.client:
            name, _ = manager.client_secret
            return Login(
                manager.client,
                lambda: client_secret(manager, self.kube.secret(self.settings.namespace, name)),
                "client_credentials",
            )
        if manager.open:
            return Login("anyone", lambda: "anyone")  # Airflow reads neither
        return Login(self.username, self._password)

    def _password(self) -> str:
        if not self.auth.passwords:
            raise unsupported(self.auth)
        return self.password

    @property
    def flower_login(self) -> tuple[str, str]:
        """User name and password of Flower; the password is "" where the keys Secret has none."""
        username = str(setting(self.values, FLOWER, "username") or "admin")
        return username, self.keys.get("flower-password", "").removesuffix("\n")

    def flower_url(self) -> str:
        """Return the address of Flower; as `url`."""
        path = self._variable_of(FLOWER, "KIT_FLOWER_URL_PREFIX").strip("/")
        return self._address(self._service_of(FLOWER), _PATIENCE) + (f"/{path}/" if path else "")

    def url(self, wait_seconds: float = _PATIENCE) -> str:
        """Return an address of the UI that answers from this machine until `kitctl down`.

        A NodePort is used where the cluster's provider says how this machine reaches its node, else a port-forward.

        Args:
            wait_seconds: How long a port-forward may take to answer; never longer than --timeout.

        Raises:
            KitError: `release-missing`, `forward-failed`.
        """
        prefix = urlsplit(self.public_url).path.rstrip("/")
        return self._address(self.service, wait_seconds) + prefix

    def api(self, wait_seconds: float = _PATIENCE) -> AirflowApi:
        """Return a session with Airflow as `login`; nothing is sent yet.

        Args:
            wait_seconds: How long the address may take to answer; also the client's patience. Neither that nor one
                request takes longer than --timeout.
        """
        from kitctl.tools.airflow.api import AirflowApi  # noqa: PLC0415 - httpx is slow to import

        patience = min(wait_seconds, self.settings.timeout)
        # Of one request: a busy machine answers after seconds.
        limit = min(self.settings.timeout, max(10.0, min(30.0, wait_seconds)))
        login = self.login
        return AirflowApi(self.url(patience), login.name, login.password, limit, grant=login.grant, patience=patience)

    def missing(self) -> KitError:
        """Make the error of a release that is not there."""
        s = self.settings
        return KitError(
            "release-missing",
            f"There is no release {s.release} in the namespace {s.namespace} of the context {self.kube.context}",
            cause="It was never made, or has another name, namespace or context: no Deployment there has its labels",
            fix="helm list -A    # has it another name? Then: -n NAMESPACE --release NAME\nkitctl up    # makes it",
            code=ExitCode.UNHEALTHY,
        )

    def _variable_of(self, component: str, name: str) -> str:
        """Return an environment variable of the containers of a component, "" where it has none."""
        for container in self._pod_of(component).get("containers") or ():
            for entry in container.get("env") or ():
                if entry["name"] == name:
                    return str(entry.get("value") or "")
        return ""

    def _pod_of(self, component: str) -> dict[str, Any]:
        """Return the PodSpec of a component's Deployment, {} where it has none."""
        selector = f"{self.selector},app.kubernetes.io/component={component}"
        found = self.kube.list("Deployment", self.settings.namespace, selector)
        return dict(found[0]["spec"]["template"]["spec"]) if found else {}

    def _service_of(self, component: str) -> Service:
        found = self.kube.services(self.settings.namespace, f"{self.selector},app.kubernetes.io/component={component}")
        if not found:
            raise self.missing()
        return found[0]

    def _address(self, service: Service, wait_seconds: float) -> str:
        return self._node_url(service) or self._forward_url(service, min(wait_seconds, self.settings.timeout))

    def _node_url(self, service: Service) -> str:
        ports = [node_port for _, node_port in service.ports.values() if node_port]
        if not ports or service.type not in {"NodePort", "LoadBalancer"}:
            return ""
        cluster = choice.of_context(self.kube.context, self.settings.kubeconfig)
        address = cluster.node_port_address(ports[0])
        return f"http://{address}" if address else ""

    def _forward_url(self, service: Service, wait_seconds: float) -> str:
        from kitctl.tools import toolbox  # noqa: PLC0415
        from kitctl.tools.forward import forwards  # noqa: PLC0415

        s = self.settings
        port = next((port for port, _ in service.ports.values()), 8080)
        kubectl = toolbox.tool("kubectl")
        target = forwards.Target(kubectl, self.kube.context, s.kubeconfig, s.namespace, s.release, service.name, port)
        return forwards.ensure_forward(target, wait_seconds)


def attach(settings: Settings) -> Release:
    """Connect to the cluster that the settings mean; the release itself need not be there.

    Raises:
        KitError: `context-missing`, `cluster-unreachable`, `unauthorized` (code UNREACHABLE), or a name that no release
            or namespace can have.
    """
    from kitctl.tools.helm.client import Helm  # noqa: PLC0415
    from kitctl.tools.kube.client import Kube  # noqa: PLC0415

    names.check(settings.release, settings.namespace)
    kube = Kube.connect(choice.context(settings), settings.kubeconfig)
    return Release(settings, kube, Helm(kube.context, settings.kubeconfig))


def setting(values: Mapping[str, Any], *path: str) -> Any:
    """Return one value by its path, or None where a part of the path is absent."""
    found: Any = values
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
