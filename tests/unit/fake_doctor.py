"""A machine in memory for the doctor, and how its findings are judged."""

from pathlib import Path

from kitctl.model.settings import Settings
from kitctl.tools.host import GIB, Host
from kitctl.usecases.doctor.findings import Facts, Finding


class Machine(Host):
    free = 100 * GIB
    may_write = True

    def disk_free(self, folder: Path) -> int:
        return self.free

    def writable(self, folder: Path) -> bool:
        return self.may_write


def facts(provider="node", kube=None, trouble=None, cluster=None, **host):
    machine = Machine(**{"machine": "x86_64", "memory": 8 * GIB, "cores": 4, "root": True, **host})
    return Facts(Settings(), machine, provider, cluster, kube, trouble)


def bad(finding: Finding, level: str) -> Finding:
    assert (finding.ok, finding.level) == (False, level), finding
    assert finding.message
    assert finding.fix
    return finding


def good(finding: Finding) -> Finding:
    assert (finding.ok, finding.level, finding.fix) == (True, "info", ""), finding
    return finding


def node(fake, name, *, ready):
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    fake.add({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status})


def storage(fake, name, *, default):
    marks = {"storageclass.kubernetes.io/is-default-class": str(default).lower()}
    meta = {"name": name, "annotations": marks}
    fake.add({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": meta, "provisioner": "p"})
