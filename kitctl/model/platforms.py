"""Platforms of images: how they are written, which one this machine is, and how QEMU calls them."""

from __future__ import annotations

import re

from kitctl.errors import ExitCode, KitError

_FORM = re.compile(r"linux/[a-z0-9]+(/v[0-9]+)?")
_OF_MACHINE = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm/v7"}
"""Kernels call some processors by other names than registries do."""
_OF_QEMU = {"amd64": "x86_64", "arm64": "aarch64", "386": "i386"}


def split(text: str) -> list[str]:
    """Return the platforms of an option, each once: "linux/amd64,linux/arm64"; none means this machine's.

    Raises:
        KitError: `platform-invalid`.
    """
    found = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in found:
        if not _FORM.fullmatch(name):
            raise KitError(
                "platform-invalid",
                f"{name!r} is not a platform of images",
                cause="The form is linux/ARCHITECTURE, and several are separated by commas",
                fix="--platform linux/amd64,linux/arm64",
                code=ExitCode.USAGE,
            )
    return found


def of_machine(machine: str) -> str:
    """Return the platform of a machine by what `uname -m` prints."""
    return f"linux/{_OF_MACHINE.get(machine, machine)}"


def of_list(document: object) -> dict[str, str]:
    """Return the digest of each platform in a manifest list or image index; {} for other documents.

    A variant is left out where it is the usual one: linux/arm64/v8 is linux/arm64.
    """
    entries = document.get("manifests") if isinstance(document, dict) else None
    found = {}
    for entry in entries or []:
        place = entry.get("platform") or {}
        variant = place.get("variant", "")
        usual = (place.get("architecture"), variant) == ("arm64", "v8")
        name = "/".join([str(place.get("os")), str(place.get("architecture")), *([variant] if variant else [])])
        found[name.removesuffix("/v8") if usual else name] = str(entry["digest"])
    return {name: digest for name, digest in found.items() if name.startswith("linux/")}


def suffix(platform: str) -> str:
    """Return what the tag of one platform's image ends with: "arm64", "arm-v7"."""
    return platform.removeprefix("linux/").replace("/", "-")


def qemu(platform: str) -> str:
    """Return QEMU's name of a platform's architecture: "aarch64"."""
    architecture = platform.split("/")[1]
    return _OF_QEMU.get(architecture, architecture)


def runs_beside(platform: str, native: str) -> bool:
    """Whether processors of one platform run programs of another one without help."""
    return platform == native or (platform, native) == ("linux/386", "linux/amd64")
