"""Shows what would be deployed. Every text comes from Helm or from the same render as `up`; nothing is merged here."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.release import templates
from kitctl.release import values as user_values
from kitctl.tools.helm.client import Helm, documents
from kitctl.tools.helm.sources import Sources


def pods(
    settings: Settings,
    mode: DagMode | None = None,
    template_dir: Path | None = None,
    below: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return the final worker pod templates by name: `default`, each profile, each template of the values.

    Args:
        settings: Release and values.
        mode: DAG mode of a flag; None leaves it to the values.
        template_dir: The user's Jinja templates.
        below: Values that the user's own win over: those of a running release.

    Raises:
        KitError: of Helm, and `pod-template-invalid`.
    """
    with _given(settings, mode, template_dir, below=below) as sources:
        # Whole: Helm fails for a single template that renders nothing, as without the KubernetesExecutor.
        return templates.pods_of(_manifest(settings, sources))


def objects_of(manifest: str) -> list[dict[str, Any]]:
    """Return rendered manifests as objects, for `-o json`."""
    return documents(manifest)


def pod(settings: Settings, name: str, mode: DagMode | None = None, template_dir: Path | None = None) -> str:
    """Return one final pod template.

    Raises:
        KitError: as `pods`, and `profile-unknown`.
    """
    found = pods(settings, mode, template_dir)
    if name not in found:
        raise KitError(
            "profile-unknown",
            f"There is no worker profile {name!r}",
            cause=f"Profiles: {', '.join(sorted(found)) or 'none, since only the KubernetesExecutor has worker pods'}",
            fix=f"workers: {{profiles: {{{name}: {{nodeSelector: {{…}}}}}}}}    # in the values, given with -f"
            if found
            else "executors: [KubernetesExecutor]",
            code=ExitCode.USAGE,
        )
    return found[name]


def manifests(settings: Settings, mode: DagMode | None = None, template_dir: Path | None = None) -> str:
    """Return what Helm would write, as YAML.

    Args:
        settings: Release and values.
        mode: DAG mode of a flag; None leaves it to the values.
        template_dir: The user's Jinja templates.
    """
    with _given(settings, mode, template_dir) as sources:
        return _manifest(settings, sources)


def _manifest(settings: Settings, sources: Sources) -> str:
    return Helm().template(data_dir("chart"), settings.release, settings.namespace, sources)


def values(settings: Settings, mode: DagMode | None = None) -> dict[str, Any]:
    """Return all values with the chart's defaults, merged by Helm: a chart that only prints them does it."""
    chart = data_dir("chart")
    with tempfile.TemporaryDirectory() as folder, _given(settings, mode, None, compiled=False) as sources:
        probe = Path(folder)
        for name in ("Chart.yaml", "values.yaml", "values.schema.json"):
            shutil.copyfile(chart / name, probe / name)
        (probe / "templates").mkdir()
        (probe / "templates" / "values.yaml").write_text("{{ toYaml .Values }}\n", encoding="utf-8")
        text = Helm().template(probe, settings.release, settings.namespace, sources)
    return dict(yaml.safe_load(text))


@contextmanager
def _given(
    settings: Settings,
    mode: DagMode | None,
    template_dir: Path | None,
    *,
    compiled: bool = True,
    below: Mapping[str, Any] | None = None,
) -> Iterator[Sources]:
    """Write Helm's inputs into a folder of their own: showing something must not change what `up` left in `.kit`."""
    with tempfile.TemporaryDirectory() as name:
        folder, sources = Path(name), Sources.of(settings)
        if below:
            kept = folder / "release.json"
            kept.write_text(json.dumps(below), encoding="utf-8")
            sources = sources.between((kept,))
        if mode is not None:
            flags = folder / "flags.yaml"
            flags.write_text(yaml.safe_dump({"dags": {"mode": mode.value}}), encoding="utf-8")
            sources = sources.between(above=(flags,))
        if compiled:
            user = user_values.read(settings, mode, below)
            sources = sources.with_texts(templates.compiled(user, template_dir).write(folder))
        yield sources
