"""Checks texts that a user brings: a finished pod template, an airflow.cfg, options in the values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.render.check import require_pod
from kitctl.render.check_cfg import check_config, require_cfg
from kitctl.render.findings import Finding


def config_warnings(config: Mapping[str, Mapping[str, object]]) -> list[Finding]:
    """Return what Airflow 3 does not know, or calls otherwise, in `values.config`."""
    return check_config(config)


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
