"""airflow.cfg and the pod template of a release: compiled from Jinja once, then handed to Helm as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.render import airflow_cfg, pod_template
from kitctl.render.check import require_pods
from kitctl.render.check_cfg import require_cfg
from kitctl.render.template_dir import check as check_templates
from kitctl.tools.helm.client import documents

_CFG, _POD = "templates.airflowCfg", "templates.podTemplate"


@dataclass(frozen=True)
class Compiled:
    """Texts that kitctl compiled from Jinja.

    Attributes:
        cfg: airflow.cfg.
        pod: The Go text of the worker pod template, which Helm completes.
        taken: Values that the texts go to. A text that the user's own values hold is left out.
    """

    cfg: str
    pod: str
    taken: tuple[str, ...] = (_CFG, _POD)

    def write(self, folder: Path) -> dict[str, Path]:
        """Write the texts into a folder, and return the files by the value that takes each."""
        files = {_CFG: folder / "airflow.cfg", _POD: folder / "pod_template.yaml"}
        files[_CFG].write_text(self.cfg, encoding="utf-8")
        files[_POD].write_text(self.pod, encoding="utf-8")
        return {key: path for key, path in files.items() if key in self.taken}


def compiled(user: UserValues, template_dir: Path | None = None) -> Compiled:
    """Compile both texts.

    Args:
        user: The user's values: their DAG mode chooses the pod template.
        template_dir: The user's Jinja templates.

    Raises:
        KitError: as `render_cfg` and `render_pod`.
    """
    taken: tuple[str, ...] = (_CFG, _POD)
    if template_dir is None:
        # --set-file would win over the user's own text.
        taken = tuple(key for key in taken if not user.find(*key.split(".")))
    return Compiled(render_cfg(template_dir), render_pod(user.mode, template_dir), taken)


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


def pods_of(manifest: str) -> dict[str, str]:
    """Find the pod templates in rendered manifests and check each.

    Raises:
        KitError: `pod-template-invalid`.
    """
    found = pod_texts(manifest)
    require_pods(found)
    return found


def pod_texts(manifest: str) -> dict[str, str]:
    """Find the pod templates in rendered manifests: text by name, of which `default` is the one of all tasks."""
    found: dict[str, str] = {}
    for obj in documents(manifest):
        labels = (obj.get("metadata") or {}).get("labels") or {}
        if obj.get("kind") == "ConfigMap" and labels.get("app.kubernetes.io/component") == "pod-templates":
            found |= {name.removesuffix(".yaml"): text for name, text in obj["data"].items()}
    return found
