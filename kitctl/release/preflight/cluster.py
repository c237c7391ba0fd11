"""What is checked before anything changes on a cluster. Each check raises one KitError or returns nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.names import Names
from kitctl.tools.helm.records import Record
from kitctl.tools.kube.client import Kube
from kitctl.tools.kube.rights import unless_forbidden

_WRITES = ("get", "list", "create", "patch", "delete")


def namespace_usable(kube: Kube, namespace: str) -> bool:
    """Tell whether the namespace exists.

    Raises:
        KitError: `namespace-terminating`.
    """
    # Who has rights in one namespace only often may not look at it from outside: it is there, then.
    unseen: dict[str, Any] = {"metadata": {}}
    found = unless_forbidden(lambda: kube.namespace(namespace), unseen)
    if found is None:
        return False
    if found["metadata"].get("deletionTimestamp"):
        conditions = (found.get("status") or {}).get("conditions") or []
        words = [c.get("message", "") for c in conditions if c.get("status") == "True"]
        raise KitError(
            "namespace-terminating",
            f"The namespace {namespace} is being deleted",
            cause="\n".join(w for w in words if w) or "Kubernetes is still removing what is in it",
            fix=f"kubectl wait --for=delete ns/{namespace} --timeout=5m    # then run this again, or choose another -n",
            code=ExitCode.PREFLIGHT,
        )
    return True


def release_ours(record: Record | None, release: str, namespace: str) -> None:
    """Refuse a release of that name that another chart made.

    Raises:
        KitError: `release-not-ours`.
    """
    if record is None or record.is_kit or not record.manifest:
        return
    raise KitError(
        "release-not-ours",
        f"The release {release} in the namespace {namespace} was not made by this kit",
        cause=f"It is an install of the chart {record.chart}",
        fix="Choose another --release or -n; `helm list -A` shows all releases",
        code=ExitCode.PREFLIGHT,
    )


def claim_has_keys(kube: Kube, namespace: str, names: Names, *, own_postgres: bool) -> None:
    """Refuse a database volume whose password is gone: the old one is inside, a new one would never fit.

    Raises:
        KitError: `claim-without-keys`.
    """
    if not own_postgres or kube.claim(namespace, names.postgres_claim) is None:
        return
    have = kube.secret(namespace, names.keys) or {}
    lost = [key for key in ("postgres-password", "fernet-key") if not have.get(key)]
    if not lost:
        return
    raise KitError(
        "claim-without-keys",
        f"The claim {names.postgres_claim} contains a database, but {names.keys} has no {' and no '.join(lost)}",
        cause="An earlier install left its data; the password and the Fernet key that open it were in that Secret",
        fix=f"To keep the data, restore the Secret {names.keys} from a backup, or write the old keys yourself:\n"
        f"  kubectl -n {namespace} create secret generic {names.keys} "
        "--from-literal=postgres-password=… --from-literal=fernet-key=…\n"
        f"To throw the data away:\n  kubectl -n {namespace} delete pvc {names.postgres_claim}",
        code=ExitCode.PREFLIGHT,
    )


def node_port_free(kube: Kube, namespace: str, objects: Iterable[dict[str, Any]]) -> None:
    """Refuse a NodePort that a Service of somebody else has.

    Raises:
        KitError: `node-port-taken`.
    """
    wanted = {
        port["nodePort"]: obj["metadata"]["name"]
        for obj in objects
        if obj["kind"] == "Service"
        for port in obj["spec"].get("ports") or []
        if port.get("nodePort")
    }
    if not wanted:
        return
    # Who may not see other namespaces is told by Kubernetes itself when the port is taken.
    for service in unless_forbidden(kube.services, []):
        for _, port in service.ports.values():
            if port in wanted and (service.namespace, service.name) != (namespace, wanted[port]):
                raise KitError(
                    "node-port-taken",
                    f"The NodePort {port} belongs to the Service {service.name} in the namespace {service.namespace}",
                    cause="A NodePort can be used once in a cluster",
                    fix="--node-port N    # from 30000 to 32767\nor: --set apiServer.service.type=ClusterIP",
                    code=ExitCode.PREFLIGHT,
                )


def storage_there(kube: Kube, namespace: str, objects: Iterable[dict[str, Any]]) -> None:
    """Refuse claims that nothing will ever fill.

    Raises:
        KitError: `storage-class-missing`.
    """
    wanted: dict[str, str] = {}
    for obj in objects:
        if obj["kind"] == "PersistentVolumeClaim":
            wanted[obj["metadata"]["name"]] = _class_of(obj)
        for claim in (obj.get("spec") or {}).get("volumeClaimTemplates") or []:
            wanted[f"{claim['metadata']['name']}-{obj['metadata']['name']}-0"] = _class_of(claim)
    if not wanted:
        return
    classes = unless_forbidden(kube.storage_classes, None)
    if classes is None:
        return
    there = {c.name for c in classes} | ({""} if any(c.default for c in classes) else set())
    for name, storage_class in wanted.items():
        # "-" is Kubernetes' "no class": such a claim binds to a volume that an admin made.
        if storage_class in there or storage_class == "-" or kube.claim(namespace, name) is not None:
            continue
        raise KitError(
            "storage-class-missing",
            f"There is no StorageClass {storage_class}" if storage_class else "The cluster has no default StorageClass",
            cause=f"The claim {name} needs it. Classes of this cluster: {', '.join(sorted(there - {''})) or 'none'}",
            fix="kubectl get storageclass    # then -f FILE with postgres.storage.storageClass and "
            "logs.persistence.storageClass",
            code=ExitCode.PREFLIGHT,
        )


def _class_of(claim: dict[str, Any]) -> str:
    found = claim["spec"].get("storageClassName")
    return "-" if found == "" else str(found or "")


def rights(kube: Kube, namespace: str, objects: Iterable[dict[str, Any]]) -> None:
    """Ask for every right that the install needs, so that it does not stop halfway.

    Raises:
        KitError: `forbidden` with one Role that holds all missing rights.
    """
    needed = {("secrets", ""), ("pods", ""), ("events", "")}
    for obj in objects:
        resource = kube.resource_of(obj)
        needed.add((resource.plural, resource.group))
    missing: dict[tuple[str, str], list[str]] = {}
    for plural, group in sorted(needed):
        verbs = ("get", "list") if plural in {"pods", "events"} else _WRITES
        # Helm rewrites the Secret in which it keeps the release.
        verbs = (*verbs, "update") if plural == "secrets" else verbs
        lost = [v for v in verbs if not kube.can_i(v, f"{plural}.{group}" if group else plural, namespace)]
        if lost:
            missing[plural, group] = lost
    if not missing:
        return
    rules = "\n".join(
        f"- apiGroups: ['{group}']\n  resources: [{plural}]\n  verbs: [{', '.join(verbs)}]"
        for (plural, group), verbs in missing.items()
    )
    raise KitError(
        "forbidden",
        f"Rights are missing in the namespace {namespace}: "
        + "; ".join(f"{'/'.join(verbs)} {plural}" for (plural, _), verbs in missing.items()),
        cause=f"The user of the context {kube.context} may not do everything that an install needs",
        fix="Ask an administrator of the cluster to grant them, for example:\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n"
        f"metadata: {{name: airflow-kit, namespace: {namespace}}}\nrules:\n{rules}",
        code=ExitCode.PREFLIGHT,
    )
