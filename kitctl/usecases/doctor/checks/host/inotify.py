"""Room for the watches of kubelets and log readers."""

from __future__ import annotations

from kitctl.tools.process import run
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, absent, good, warning

_LEAST = {"max_user_instances": 128, "max_user_watches": 65536}
_FOLDER = "/proc/sys/fs/inotify"
CHECK = Check(
    "128 inotify instances and 65536 watches for each user",
    "the nodes share the kernel of this machine",
    level="warning",
    mends="as root, raises both limits until the next boot (sysctl)",
)


def look(facts: Facts) -> Outcome:
    """Read the limits."""
    if not facts.needs.kernel:
        return absent("The nodes do not share the kernel of this machine")
    low = _low(facts)
    if not low:
        return good("the limits of inotify are high enough")
    said = ", ".join(f"fs.inotify.{name} is {have}" for name, have in low.items())
    return warning(
        f"{said}; {' and '.join(str(_LEAST[name]) for name in low)} are needed",
        "\n".join(f"sudo sysctl {_setting(name)}" for name in low),
        "Pods end with `too many open files` when it is used up",
    )


def mend(facts: Facts) -> str:
    """Raise the limits; KitError `command-failed` without the right."""
    settings = [_setting(name) for name in _low(facts)]
    run(["sysctl", *settings], timeout=10, fix="Run it as root: sudo kitctl doctor --fix")
    return f"set {', '.join(settings)}"


def _low(facts: Facts) -> dict[str, int]:
    have = {name: facts.host.text(f"{_FOLDER}/{name}").strip() for name in _LEAST}
    return {name: int(text) for name, text in have.items() if text.isdigit() and int(text) < _LEAST[name]}


def _setting(name: str) -> str:
    return f"fs.inotify.{name}={_LEAST[name]}"
