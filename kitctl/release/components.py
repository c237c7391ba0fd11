"""A command inside a component: which pod, which container, and the kubectl call for it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kitctl.errors import ExitCode, KitError
from kitctl.release.handle import Release

if TYPE_CHECKING:
    from kitctl.tools.kube.objects import Pod

DEFAULT_COMMAND = ("bash",)
_OF_OLD = {
    "webserver": "api-server",
    "web": "api-server",
    "apiserver": "api-server",
    "postgresql": "postgres",
    "worker": "celery",
}
"""Names that fingers remember from Airflow 2 and older charts."""


def pods_of(release: Release, component: str) -> list[Pod]:
    """Return the pods of a component, ready ones first, newest first among equals.

    Raises:
        KitError: `release-missing`, or `component-unknown` naming the components that there are.
    """
    running = {w.component for w in release.workloads} | {c.component for c in release.cron_jobs}
    known = sorted(running | {job.component for job in release.jobs if not job.owner})
    if component not in known:
        broker = next((one for one in ("redis", "rabbitmq") if one in known), "")
        meant = broker if component == "broker" else _OF_OLD.get(component, component)
        close = [meant] if meant in known else get_close_matches(component, known, n=1)
        raise KitError(
            "component-unknown",
            f"The release {release.settings.release} has no component {component!r}",
            cause=f"It has {', '.join(known)}",
            fix=f"{f'Did you mean {close[0]}?' if close else 'Use one of these.'}\n"
            "Logs of tasks: kitctl logs --dag DAG --task TASK",
            code=ExitCode.USAGE,
        )
    selector = f"{release.selector},app.kubernetes.io/component={component}"
    found = sorted(release.kube.pods(release.settings.namespace, selector), key=lambda p: p.created, reverse=True)
    return sorted(found, key=lambda p: (p.phase != "Running", not p.ready))


def exec_argv(release: Release, component: str, command: Sequence[str], *, stdin: bool, tty: bool) -> list[str]:
    """Return the kubectl command line that runs a command in a component's main container.

    Args:
        release: The release.
        component: For example "scheduler".
        command: Program and arguments; empty means bash.
        stdin: Hand our standard input over.
        tty: Give the program a terminal.

    Raises:
        KitError: as `pods_of`, and `component-not-running` (code UNHEALTHY).
    """
    from kitctl.tools.kube.contexts import kubectl_argv  # noqa: PLC0415

    found = pods_of(release, component)
    if not found or found[0].phase != "Running":
        state = f"Its pod is {found[0].reason or found[0].phase}" if found else "It has no pod"
        raise KitError(
            "component-not-running",
            f"No pod of {component} is running",
            cause=f"{state}. {found[0].message}".strip() if found else state,
            fix=f"kitctl status\nkitctl logs {component}",
            code=ExitCode.UNHEALTHY,
        )
    pod = found[0]
    flags = [*(["-i"] if stdin else []), *(["-t"] if tty else [])]
    start = [*kubectl_argv(release.kube.context, release.settings.kubeconfig), "-n", pod.namespace]
    # The main container has the component's own name; sidecars such as git-sync have others.
    return [*start, "exec", *flags, pod.name, "-c", component, "--", *(command or DEFAULT_COMMAND)]
