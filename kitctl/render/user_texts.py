"""Checks texts that a user brings: a finished pod template, an airflow.cfg, options in the values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.render.check import check_pod, require_pod
from kitctl.render.check_cfg import check_cfg, check_config, check_env, require_cfg
from kitctl.render.findings import Finding, warnings


def release_warnings(values: Mapping[str, Any], cfg: str = "") -> list[Finding]:
    """Return what Airflow 3 does not know, or calls otherwise, wherever a release may say it.

    Args:
        values: Values as Helm merged them; `config`, each `env`, and `templates.airflowCfg` are read.
        cfg: Text of airflow.cfg where the values do not hold it.
    """
    config, texts = values.get("config"), values.get("templates")
    text = cfg or (texts.get("airflowCfg") if isinstance(texts, Mapping) else "") or ""
    found = [*check_cfg(text), *(check_config(config) if isinstance(config, Mapping) else ()), *check_env(values)]
    return warnings(found)


def pod_warnings(texts: Mapping[str, str]) -> list[Finding]:
    """Return the warnings of finished pod templates by name; what one says for all is told once."""
    found = (finding for text in texts.values() for finding in warnings(check_pod(text)))
    return list(dict.fromkeys(found))


def check_pod_file(path: Path) -> list[Finding]:
    """Check a file with a finished pod template.

    Returns:
        The warnings.

    Raises:
        KitError: `file-missing`, `pod-template-invalid`.
    """
    return require_pod(_read(path), str(path))


def check_cfg_file(path: Path) -> list[Finding]:
    """Check a file with an airflow.cfg.

    Returns:
        The warnings.

    Raises:
        KitError: `file-missing`, `airflow-cfg-invalid`, `airflow-cfg-placeholder`.
    """
    return require_cfg(_read(path), str(path))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise KitError(
            "file-missing",
            f"The file {path} cannot be read",
            cause=str(exc),
            fix=f"ls {path.parent}",
            code=ExitCode.USAGE,
        ) from exc
