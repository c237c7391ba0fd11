"""The machine: situations for the checks of the group host."""

from __future__ import annotations

import platform
from pathlib import Path

from kitctl.clusters.base import HostNeeds
from kitctl.model import needs
from kitctl.model.settings import Settings
from kitctl.tools.process import Result
from kitctl.usecases.doctor.checks.host import inotify, kernel_modules, sudo_path
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.place import Place
from tests.unit.fake_doctor import Cluster, World, case

ELSEWHERE = HostNeeds(here=False, kernel=False)
NOT_MADE = Place("node", Cluster(), exists=False)
MINIKUBE = HostNeeds(
    no_root="minikube refuses root with the driver docker",
    networks=("192.168.49.0/24", "10.96.0.0/12"),
    programs=("minikube", "docker"),
)


@case("naming", "ok", "release airflow")
def _(w: World) -> Facts:
    return w.facts()


@case("naming", "error", "--namespace bad-ns", error="namespace-name-invalid")
def _(w: World) -> Facts:
    return w.facts(settings=Settings(namespace="Bad_NS"))


@case("system", "ok", "aarch64")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(machine="aarch64"))


@case("system", "error", "riscv64")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(machine="riscv64"))


@case("cores", "ok", "2 processors")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(cores=2))


@case("cores", "warning", "One processor")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(cores=1))


@case("memory", "ok")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(memory=needs.MEMORY))


@case("memory", "error", "3 GiB")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(memory=needs.MEMORY - 1))


@case("memory", "warning")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(memory=needs.MEMORY - 1), needs=ELSEWHERE)


@case("disk", "ok", "/var/lib/docker")
def _(w: World) -> Facts:
    (w.root / "var/lib/docker").mkdir(parents=True)
    return w.facts(machine=w.machine(free=needs.DISK), place=NOT_MADE)


@case("disk", "error", "5 GiB are needed")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(free=needs.DISK - 1), place=NOT_MADE)


@case("disk", "warning", "KITCTL_STATE")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(free=needs.DISK - 1))


@case("disk", "warning")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(free=needs.DISK - 1), place=NOT_MADE, needs=ELSEWHERE)


@case("disk", "error", "cannot be written to")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(may_write=False))


SWAPS = "Filename Type Size Used Priority\n"


@case("swap", "ok", "swap is off")
def _(w: World) -> Facts:
    w.file("/proc/swaps", SWAPS)
    return w.facts()


@case("swap", "warning", "/swap.img", "swapoff")
def _(w: World) -> Facts:
    w.file("/proc/swaps", SWAPS + "/swap.img file 4194300 0 -2\n")
    return w.facts()


@case("swap", "not-applicable")
def _(w: World) -> Facts:
    w.file("/proc/swaps", SWAPS + "/swap.img file 4194300 0 -2\n")
    return w.facts(needs=ELSEWHERE)


@case("ports", "ok", "30809")
def _(w: World) -> Facts:
    return w.facts(needs=HostNeeds(ports={30809: "the UI"}), place=NOT_MADE)


@case("ports", "error", "10250 (the kubelet)", "ss -ltnp")
def _(w: World) -> Facts:
    ports = {8443: "the API server", 10250: "the kubelet"}
    return w.facts(needs=HostNeeds(ports=ports), place=NOT_MADE, machine=w.machine(ports={10250}))


@case("ports", "not-applicable", "has its ports")
def _(w: World) -> Facts:
    return w.facts(needs=HostNeeds(ports={30809: "the UI"}), machine=w.machine(ports={30809}))


def limits(w: World, instances: int, watches: int) -> None:
    w.file("/proc/sys/fs/inotify/max_user_instances", f"{instances}\n")
    w.file("/proc/sys/fs/inotify/max_user_watches", f"{watches}\n")


@case("inotify", "ok")
def _(w: World) -> Facts:
    limits(w, 128, 65536)
    return w.facts()


@case("inotify", "warning", "max_user_watches is 8192", "sysctl fs.inotify.max_user_watches=65536")
def _(w: World) -> Facts:
    limits(w, 128, 8192)
    w.patch.setattr(inotify, "run", lambda argv, **_: limits(w, 128, 65536) or Result(0, " ".join(argv), ""))
    return w.facts()


@case("inotify", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(needs=ELSEWHERE)


@case("cgroups", "ok")
def _(w: World) -> Facts:
    w.file("/sys/fs/cgroup/cgroup.controllers")
    return w.facts()


@case("cgroups", "warning", "version 1")
def _(w: World) -> Facts:
    return w.facts()


@case("cgroups", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(machine=w.machine(system="darwin"))


MODULES = HostNeeds(modules=("overlay", "veth", "tun"))


@case("kernel-modules", "ok", "overlay, veth, tun")
def _(w: World) -> Facts:
    w.file("/proc/filesystems", "nodev\toverlay\n")
    w.file(f"/lib/modules/{platform.release()}/modules.dep", "kernel/drivers/net/veth.ko.xz: \n")
    w.file("/proc/modules", "tun 61440 0 - Live 0x0\n")
    return w.facts(needs=MODULES)


@case("kernel-modules", "warning", "has not loaded veth", "modprobe")
def _(w: World) -> Facts:
    w.file("/proc/filesystems", "nodev\toverlay\n")
    w.file("/dev/net/tun")
    w.file(f"/lib/modules/{platform.release()}/modules.dep", "kernel/fs/ext4.ko: \n")
    w.patch.setattr(
        kernel_modules, "run", lambda *_, **__: w.file("/proc/modules", "veth 40960 0 - Live\n") or Result(0, "", "")
    )
    return w.facts(needs=MODULES)


@case("kernel-modules", "warning", "tun")
def _(w: World) -> Facts:
    return w.facts(needs=MODULES)  # a container, which sees no list of modules


@case("kernel-modules", "not-applicable")
def _(w: World) -> Facts:
    return w.facts()


@case("root-user", "ok")
def _(w: World) -> Facts:
    return w.facts(needs=MINIKUBE, place=NOT_MADE, machine=w.machine(root=False))


@case("root-user", "error", "refuses root", "without sudo")
def _(w: World) -> Facts:
    return w.facts(needs=MINIKUBE, place=NOT_MADE)


@case("root-user", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(needs=MINIKUBE)


def searched(w: World, **found: str) -> None:
    w.patch.setattr(sudo_path, "which", lambda name: Path(found[name]) if name in found else None)


@case("sudo-path", "ok")
def _(w: World) -> Facts:
    searched(w, sudo="/usr/bin/sudo", minikube="/usr/local/bin/minikube")
    return w.facts(needs=MINIKUBE, machine=w.machine(root=False))


@case("sudo-path", "warning", "minikube in /home/ann/bin", "secure_path", 'env "PATH=$PATH"')
def _(w: World) -> Facts:
    searched(w, sudo="/usr/bin/sudo", minikube="/home/ann/bin/minikube")
    return w.facts(needs=MINIKUBE, machine=w.machine(root=False))


@case("sudo-path", "warning", "kubectl in /usr/local/bin")
def _(w: World) -> Facts:
    searched(w, sudo="/usr/bin/sudo", kubectl="/usr/local/bin/kubectl")
    w.file("/etc/sudoers", 'Defaults    secure_path = "/sbin:/bin:/usr/sbin:/usr/bin"\n')
    return w.facts(machine=w.machine(root=False))


@case("sudo-path", "warning", "minikube in /srv/ann/go/bin")
def _(w: World) -> Facts:
    w.patch.setenv("SUDO_USER", "ann")
    w.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/srv/ann:/bin/sh\n")
    w.file("/srv/ann/go/bin/minikube")
    searched(w)
    return w.facts(needs=MINIKUBE)


@case("sudo-path", "not-applicable", "not run under sudo")
def _(w: World) -> Facts:
    w.patch.delenv("SUDO_USER", raising=False)
    return w.facts()


@case("sudo-path", "not-applicable", "no sudo")
def _(w: World) -> Facts:
    searched(w, minikube="/opt/minikube")
    return w.facts(needs=MINIKUBE, machine=w.machine(root=False))


def no_proxies(w: World) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        w.patch.delenv(name, raising=False)
        w.patch.delenv(name.lower(), raising=False)


@case("proxy", "not-applicable")
def _(w: World) -> Facts:
    no_proxies(w)
    return w.facts(needs=MINIKUBE)


@case("proxy", "warning", "192.168.49.0/24", "export NO_PROXY=.corp,10.96.0.0/12,192.168.49.0/24")
def _(w: World) -> Facts:
    no_proxies(w)
    w.patch.setenv("https_proxy", "http://proxy.corp:3128")
    w.patch.setenv("NO_PROXY", ".corp,10.96.0.0/12")
    return w.facts(needs=MINIKUBE)


@case("proxy", "ok")
def _(w: World) -> Facts:
    no_proxies(w)
    w.patch.setenv("HTTP_PROXY", "http://proxy.corp:3128")
    w.patch.setenv("NO_PROXY", "192.168.0.0/16,10.0.0.0/8")
    return w.facts(needs=MINIKUBE)
