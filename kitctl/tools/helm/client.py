"""Helm: template, install, uninstall, and what a release remembers.

Helm's own --wait is never used: kitctl waits itself, so that it can tell what it waits for.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kitctl.model.versions import pin
from kitctl.tools import toolbox
from kitctl.tools.helm.errors import explain
from kitctl.tools.helm.refusals import Refusal, each
from kitctl.tools.helm.sources import Sources
from kitctl.tools.helm.values_files import refuse_repeats
from kitctl.tools.process import Result, run

HISTORY = 5
"""Revisions that Helm keeps. Each is a Secret of up to 1 MB; five are enough to go back, and etcd stays small."""


NO_VALUES = Sources()
_PROBE = {"Chart.yaml": "apiVersion: v2\nname: values\nversion: 0.0.1\n", "templates/all.yaml": "{{ toJson .Values }}"}
"""A chart without values of its own, which only prints what Helm made of the user's."""


@dataclass(frozen=True)
class Plan:
    """What an install would write: the manifest, and the user's values as Helm merged them."""

    manifest: str
    config: dict[str, Any]

    def objects(self) -> list[dict[str, Any]]:
        """Return the manifest's objects."""
        return documents(self.manifest)


class Helm:
    """Helm on one kube context (None: the current one) of one kubeconfig file (None: kubectl's rules)."""

    def __init__(self, context: str | None = None, kubeconfig: Path | None = None) -> None:
        """Remember where to go; nothing runs yet."""
        self.context, self.kubeconfig = context, kubeconfig

    def argv(self, *args: str) -> list[str]:
        """Return a whole helm command line for this context."""
        where = ["--kube-context", self.context] if self.context else []
        config = ["--kubeconfig", str(self.kubeconfig)] if self.kubeconfig else []
        return [str(toolbox.tool("helm")), *args, *where, *config]

    def template(
        self,
        chart: Path,
        release: str,
        namespace: str,
        sources: Sources = NO_VALUES,
        *,
        show_only: Sequence[str] = (),
        validate: bool = False,
        api_versions: Sequence[str] = (),
        kube_version: str = "",
    ) -> str:
        """Render the chart, without a cluster unless `validate`.

        Args:
            chart: Folder of the chart.
            release: Release name.
            namespace: Namespace of the release.
            sources: Where values come from.
            show_only: Template paths below the chart; empty renders all.
            validate: Let the cluster check each object.
            api_versions: APIs that the cluster has, beside Helm's own list.
            kube_version: Kubernetes version to render for; empty means the one that the kit pins.

        Returns:
            The manifests as YAML.

        Raises:
            KitError: of the chart's own validation (its id), `values-unknown-key`, `values-wrong-type`, `helm-failed`.
        """
        extra = [*(f"--show-only={path}" for path in show_only), *(f"--api-versions={api}" for api in api_versions)]
        extra += ["--validate"] if validate else []
        if not validate:
            # A helm that is built from its Go module alone believes in Kubernetes 1.20.
            extra += ["--kube-version", kube_version or pin("kubernetes.version")]
        argv = [str(toolbox.tool("helm")), "template"] if not validate else self.argv("template")
        argv += [release, str(chart), "-n", namespace, *sources.argv(), *extra]
        return _checked(run(argv, check=False), sources).stdout

    def refusals(
        self, chart: Path, release: str, namespace: str, sources: Sources, named: Sources
    ) -> tuple[str, list[Refusal]]:
        """Render the chart without a cluster, and return the manifests, or each refusal on its own.

        Args:
            chart: Folder of the chart.
            release: Release name.
            namespace: Namespace of the release.
            sources: Where values come from.
            named: The user's own files and options, which the refusals name.
        """
        argv = [str(toolbox.tool("helm")), "template", release, str(chart), "-n", namespace, *sources.argv()]
        answer = run([*argv, "--kube-version", pin("kubernetes.version")], check=False)
        if answer.ok:
            return answer.stdout, []
        words = answer.stderr.strip() or answer.stdout.strip()
        return "", each(words, named.files, (*named.sets, *named.set_strings))

    def merge(self, sources: Sources) -> dict[str, Any]:
        """Return values as Helm merges them, without any defaults: what is null is in it as None.

        Raises:
            KitError: `values-missing`, `values-invalid`, `values-key-repeated`, `set-invalid` (code USAGE).
        """
        refuse_repeats(sources.files)
        with tempfile.TemporaryDirectory(prefix="kitctl-values-") as folder:
            for name, text in _PROBE.items():
                path = Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            answer = _checked(
                run([str(toolbox.tool("helm")), "template", "values", folder, *sources.argv()], check=False)
            )
        body = "".join(line for line in answer.stdout.splitlines() if not line.startswith(("---", "# Source:")))
        return dict(json.loads(body))

    def plan(
        self,
        chart: Path,
        release: str,
        namespace: str,
        sources: Sources = NO_VALUES,
    ) -> Plan:
        """Render as the cluster would, and let it check every object; nothing is changed.

        Raises: as `template`, and KitError `object-not-ours` for an object of that name that another tool made.
        """
        args = ["install", release, str(chart), "-n", namespace, "--dry-run=server", "-o", "json"]
        answer = _checked(run(self.argv(*args, *sources.argv()), check=False, timeout=120), sources)
        body = json.loads(answer.stdout)
        return Plan(manifest=body.get("manifest") or "", config=dict(body.get("config") or {}))

    def upgrade_install(
        self,
        chart: Path,
        release: str,
        namespace: str,
        sources: Sources = NO_VALUES,
        *,
        timeout: float = 300,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Install or upgrade; returns once the objects are written, not once they are ready.

        Args: as `template`, and
            timeout: Seconds for Helm's own requests.
            labels: Labels of the revision's record; Helm writes them before it begins.

        Raises: as `template`.
        """
        args = ["upgrade", "--install", release, str(chart), "-n", namespace, "--history-max", str(HISTORY)]
        args += ["--reset-values", *sources.argv()]
        if labels:
            args += ["--labels", ",".join(f"{key}={value}" for key, value in labels.items())]
        # Asked to end, Helm may call a release failed whose objects it goes on writing; killed, it leaves it pending.
        _checked(run(self.argv(*args), check=False, timeout=timeout, ask_first=False), sources)

    def rollback(self, release: str, namespace: str, revision: int) -> None:
        """Write the objects of an earlier revision again, as a new one; returns once they are written."""
        args = ("rollback", release, str(revision), "-n", namespace)
        _checked(run(self.argv(*args), check=False, timeout=300, ask_first=False))

    def uninstall(self, release: str, namespace: str, *, wait: bool = True, timeout: float = 300) -> bool:
        """Remove a release.

        Args:
            release: Release name.
            namespace: Its namespace.
            wait: Wait until its objects are gone.
            timeout: Seconds.

        Returns:
            False when there was none.
        """
        args = ["uninstall", release, "-n", namespace, "--timeout", f"{timeout:.0f}s"]
        answer = run(self.argv(*args, *(["--wait"] if wait else [])), check=False, timeout=timeout + 30)
        if _unknown(answer):
            return False
        _checked(answer)
        return True

    def status(self, release: str, namespace: str) -> dict[str, Any] | None:
        """Return what Helm knows of a release, or None when there is none.

        Returns:
            `helm status -o json`: name, namespace, version (revision), info.status, info.description, manifest, hooks.
        """
        answer = run(self.argv("status", release, "-n", namespace, "-o", "json"), check=False, timeout=60)
        return None if _unknown(answer) else dict(json.loads(_checked(answer).stdout))

    def values(self, release: str, namespace: str, *, all_values: bool = False) -> dict[str, Any] | None:
        """Return the values that a release was deployed with (`all_values`: with defaults), None without a release."""
        args = ["get", "values", release, "-n", namespace, "-o", "json", *(["--all"] if all_values else [])]
        answer = run(self.argv(*args), check=False, timeout=60)
        return None if _unknown(answer) else dict(json.loads(_checked(answer).stdout) or {})


def documents(manifests: str) -> list[dict[str, Any]]:
    """Split rendered manifests into objects; empty documents are dropped."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [d for d in yaml.load_all(manifests, Loader=loader) if d]


def _unknown(answer: Result) -> bool:
    """Say whether Helm knows no such release; its other words may hold "not found", too."""
    return not answer.ok and "release: not found" in answer.stderr


def _checked(answer: Result, sources: Sources = NO_VALUES) -> Result:
    """Return the result, or raise what Helm's words mean."""
    if answer.ok:
        return answer
    raise explain(answer.stderr.strip() or answer.stdout.strip(), sources.files, (*sources.sets, *sources.set_strings))
