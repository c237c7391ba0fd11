"""Shows what would be deployed. Every text comes from Helm or from the same render as `up`; nothing is merged here."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.release import inputs
from kitctl.render import airflow_cfg, pod_template
from kitctl.render.check import require_pods
from kitctl.render.check_cfg import require_cfg
from kitctl.render.template_dir import check as check_templates
from kitctl.tools.helm.client import Helm, documents

POD_TEMPLATES = "templates/workers/pod-templates.yaml"


@dataclass(frozen=True)
class CompiledFiles:
    """Texts that kitctl compiled from Jinja."""

    cfg: Path
    pod: Path

    @property
    def set_files(self) -> dict[str, Path]:
        """The files under the values that take them, for `--set-file`."""
        return {"templates.airflowCfg": self.cfg, "templates.podTemplate": self.pod}


def render_cfg(template_dir: Path | None = None) -> str:
    """Return airflow.cfg as it would be mounted.

    Raises:
        KitError: `airflow-cfg-invalid`, `airflow-cfg-placeholder`, `template-invalid`, and of `check_templates`.
    """
    if template_dir is not None:
        check_templates(template_dir)
    text = airflow_cfg.render_cfg(template_dir)
    require_cfg(text, f"{template_dir}/airflow.cfg.j2" if template_dir else "airflow.cfg")
    return text


def render_pod(mode: DagMode, template_dir: Path | None = None) -> str:
    """Return the Go text of a mode's pod template, which Helm completes.

    Raises:
        KitError: `template-invalid`, and of `check_templates`.
    """
    if template_dir is not None:
        check_templates(template_dir, mode)
    return pod_template.render_pod(mode, template_dir)


def compile_templates(dest: Path, mode: DagMode, template_dir: Path | None = None) -> CompiledFiles:
    """Write both texts into a folder.

    Args:
        dest: The folder, e.g. `.kit/<release>`; made if absent.
        mode: How DAGs arrive.
        template_dir: The user's Jinja templates.

    Raises:
        KitError: as `render_cfg` and `render_pod`.
    """
    dest.mkdir(parents=True, exist_ok=True)
    files = CompiledFiles(dest / "airflow.cfg", dest / "pod_template.yaml")
    files.cfg.write_text(render_cfg(template_dir), encoding="utf-8")
    files.pod.write_text(render_pod(mode, template_dir), encoding="utf-8")
    return files


def pods(settings: Settings, mode: DagMode | None = None, template_dir: Path | None = None) -> dict[str, str]:
    """Return the final worker pod templates by name: `default`, each profile, each template of the values.

    Args:
        settings: Release and values.
        mode: DAG mode of a flag; None leaves it to the values.
        template_dir: The user's Jinja templates.

    Raises:
        KitError: of Helm, and `pod-template-invalid`.
    """
    return pods_of(manifests(settings, mode, template_dir, only=POD_TEMPLATES))


def pods_of(manifest: str) -> dict[str, str]:
    """Find the pod templates in rendered manifests and check each.

    Raises:
        KitError: `pod-template-invalid`.
    """
    found: dict[str, str] = {}
    for obj in documents(manifest):
        labels = (obj.get("metadata") or {}).get("labels") or {}
        if obj.get("kind") == "ConfigMap" and labels.get("app.kubernetes.io/component") == "pod-templates":
            found |= {name.removesuffix(".yaml"): text for name, text in obj["data"].items()}
    require_pods(found)
    return found


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
            fix=f"workers: {{profiles: {{{name}: {{nodeSelector: {{…}}}}}}}}    # in the values, given with -f",
            code=ExitCode.USAGE,
        )
    return found[name]


def manifests(
    settings: Settings, mode: DagMode | None = None, template_dir: Path | None = None, *, only: str = ""
) -> str:
    """Return what Helm would write, as YAML.

    Args:
        settings: Release and values.
        mode: DAG mode of a flag; None leaves it to the values.
        template_dir: The user's Jinja templates.
        only: Path of one template below the chart; "" renders all.
    """
    with _given(settings, mode, template_dir) as given:
        show = (only,) if only else ()
        return Helm().template(
            data_dir("chart"), settings.release, settings.namespace, show_only=show, **given.arguments()
        )


def values(settings: Settings, mode: DagMode | None = None) -> dict[str, Any]:
    """Return all values with the chart's defaults, merged by Helm: a chart that only prints them does it."""
    chart = data_dir("chart")
    with tempfile.TemporaryDirectory() as folder, _given(settings, mode, None, compiled=False) as given:
        probe = Path(folder)
        for name in ("Chart.yaml", "values.yaml", "values.schema.json"):
            shutil.copyfile(chart / name, probe / name)
        (probe / "templates").mkdir()
        (probe / "templates" / "values.yaml").write_text("{{ toYaml .Values }}\n", encoding="utf-8")
        text = Helm().template(probe, settings.release, settings.namespace, **given.arguments())
    return dict(yaml.safe_load(text))


@contextmanager
def _given(
    settings: Settings, mode: DagMode | None, template_dir: Path | None, *, compiled: bool = True
) -> Iterator[inputs.Inputs]:
    """Write Helm's inputs into a folder of their own: showing something must not change what `up` left in `.kit`."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = inputs.mode_of(mode, inputs.read(settings))
        files = list(settings.values)
        if mode is not None:
            flags = Path(folder) / "flags.yaml"
            flags.write_text(yaml.safe_dump({"dags": {"mode": mode.value}}), encoding="utf-8")
            files.append(flags)
        set_files = compile_templates(Path(folder), chosen, template_dir).set_files if compiled else {}
        if template_dir is None:
            set_files = inputs.unless_given(set_files, inputs.read(settings))
        yield inputs.Inputs(data_dir("chart"), tuple(files), settings.sets, set_files)
