"""The image that a build starts from: in the storage, from its registry, or made of Debian's packages.

Where no registry answers (an isolated network with a package mirror), mmdebstrap makes Debian's base under the official
name, so that one Dockerfile serves everywhere. The archive is kept in ~/.cache/kitctl/base.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_ref import full
from kitctl.model.settings import cache_dir
from kitctl.model.versions import pin
from kitctl.tools import cached_file
from kitctl.tools.builders.base import Build, Builder
from kitctl.tools.process import run, which

KEY_LABEL = "io.airflow-kit.base-key"
SUITE = "trixie"
_PUBLIC = ("http://deb.debian.org/debian", "http://deb.debian.org/debian-security")
_SECURITY = "-security"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# As in the official slim image: nobody reads these inside a container.
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/lintian/*")
# Options of this machine's apt that the new base must keep, or be made with.
_APT_OPTIONS = re.compile(r"^Acquire::(https?::(Proxy|CAInfo)|Check-Valid-Until|Check-Date)\b")


def ensure(builder: Builder, reference: str, platform: str = "") -> str:
    """Make sure that a base image is in the builder's storage.

    Args:
        builder: The builder that will use it.
        reference: As the user wrote it.
        platform: Platform of the build, or "" for this machine's.

    Returns:
        The key of its content: it changes when the base changes.

    Raises:
        KitError: `base-image-unreachable`.
    """
    name = full(reference)
    if (found := key(builder, name)) is not None:
        return found
    pulled = builder.pull(name)
    if not pulled.ok:
        said = (pulled.stderr.strip().splitlines() or ["the registry did not answer"])[-1]
        if name != full(pin("images.debian")) or platform:
            raise KitError(
                "base-image-unreachable",
                f"The image {reference} is not in {builder.name}'s storage and could not be pulled",
                cause=said,
                fix=f"{builder.name} pull {name}\nor name another image with --base-image",
                code=ExitCode.PREFLIGHT,
            )
        _import(builder, name, _debian(said))
    return key(builder, name) or name


def key(builder: Builder, name: str) -> str | None:
    """Return what identifies an image's content, or None when it is not in the storage."""
    image_id = builder.image_id(name)
    if image_id is None:
        return None
    return builder.labels(name).get(KEY_LABEL) or image_id


def _import(builder: Builder, name: str, archive: Path) -> None:
    """Turn a root file system into an image that carries the archive's digest as its key."""
    content = hashlib.sha256(archive.read_bytes()).hexdigest()
    with TemporaryDirectory(prefix="base-", dir=archive.parent) as folder:
        context = Path(folder)
        os.link(archive, context / "root.tar")
        (context / "Dockerfile").write_text('FROM scratch\nADD root.tar /\nCMD ["bash"]\n')
        order = Build(context / "Dockerfile", context, name, labels={KEY_LABEL: content})
        done = builder.build(order)
    if not done.ok:
        raise KitError(
            "base-image-failed",
            f"{builder.name} could not import {archive}",
            cause=done.stderr[-2000:],
            fix=f"df -h {archive.parent}    # is the disk full? If the archive is broken, make it again:\n"
            f"rm {archive} && kitctl image build",
        )


def _debian(said: str) -> Path:
    """Return the archive of Debian's base, made with mmdebstrap unless it is in the cache.

    Args:
        said: Why the registry's image could not be had, for the error.
    """
    archive = cache_dir() / "base" / f"debian-{SUITE}-{os.uname().machine}.tar"
    if archive.is_file():
        return archive
    if os.geteuid() != 0 or which("mmdebstrap") is None:
        raise KitError(
            "base-image-unreachable",
            f"{pin('images.debian')} could not be pulled, and cannot be made here",
            cause=f"{said}\nMaking it from Debian's packages needs root and mmdebstrap",
            fix="sudo apt-get install -y mmdebstrap debian-archive-keyring\nsudo kitctl image build",
            code=ExitCode.PREFLIGHT,
        )
    cached_file.ensure(archive, _bootstrap)
    return archive


def _bootstrap(archive: Path) -> None:
    """Make Debian's base of the packages of this machine's mirror."""
    words = ["mmdebstrap", "--variant=minbase", "--format=tar", "--quiet"]
    words += [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
    words += [f"--aptopt={option}" for option in apt_options()]
    words += [f"--keyring={_KEYRING}"] if _KEYRING.is_file() else []
    # Lists go stale; a CA path of this machine means nothing inside an image.
    words += ['--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*']
    # mmdebstrap writes that file only where it was given options of apt.
    own = '"$1"/etc/apt/apt.conf.d/99mmdebstrap'
    words += [f"--customize-hook=if [ -e {own} ]; then sed -i /CAInfo/d {own}; fi"]
    run([*words, SUITE, str(archive), *sources()], timeout=900, error_id="base-image-failed", fix=_MIRROR_FIX)


_MIRROR_FIX = "export KITCTL_DEBIAN_MIRROR=http://mirror.example.com/debian    # one that answers, then run it again"


def apt_options() -> list[str]:
    """Return this machine's apt settings that decide whether a mirror can be read: proxies, CA, clock checks."""
    if which("apt-config") is None:
        return []
    lines = run(["apt-config", "dump"], check=False, timeout=20).stdout.splitlines()
    return [line for line in lines if _APT_OPTIONS.match(line) and not line.endswith('"";')]


def sources() -> list[str]:
    """Return sources.list lines for the base: $KITCTL_DEBIAN_MIRROR, else this machine's mirrors, else the public ones.

    Raises:
        KitError: `debian-mirror-invalid`.
    """
    sites = _chosen() or _sites_of_apt()
    mirror = next((s for s in sites if not s.endswith(_SECURITY)), "")
    security = next((s for s in sites if s.endswith(_SECURITY)), "")
    if not mirror:
        mirror, security = _PUBLIC
    lines = [f"deb {mirror} {SUITE} main", f"deb {mirror} {SUITE}-updates main"]
    return [*lines, f"deb {security} {SUITE}-security main"] if security else lines


def _chosen() -> list[str]:
    """Return the mirrors that the environment names; one that ends in -security serves security updates."""
    sites = [site.rstrip("/") for site in os.environ.get("KITCTL_DEBIAN_MIRROR", "").split()]
    if sites and (any("://" not in s for s in sites) or all(s.endswith(_SECURITY) for s in sites)):
        raise KitError(
            "debian-mirror-invalid",
            f"KITCTL_DEBIAN_MIRROR contains no Debian mirror: {' '.join(sites)}",
            cause="It takes URLs as in sources.list; one that ends in -security has security updates only",
            fix='export KITCTL_DEBIAN_MIRROR="http://mirror.example.com/debian http://mirror.example.com/debian-security"',
            code=ExitCode.USAGE,
        )
    return sites


def _sites_of_apt() -> list[str]:
    """Return the Debian mirrors that this machine's apt uses."""
    if not which("apt-get"):
        return []
    wanted = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    said = run(wanted, check=False, timeout=20).stdout.splitlines()
    return sorted(s for s in {line.strip().rstrip("/") for line in said} if s.endswith(("/debian", "/debian-security")))
