"""The Jinja environment of the kit's templates, with the user's folder in front."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kitctl.errors import ExitCode, KitError
from kitctl.render.placeholders import explain

if TYPE_CHECKING:
    from jinja2 import Environment

OURS = Path(__file__).parent / "templates"
PREFIX = "kit"
"""A user's template reaches ours as `kit/<name>`, as its own name would find itself again."""


@cache
def environment(template_dir: Path | None = None) -> Environment:
    """Make the environment.

    Args:
        template_dir: The user's templates, searched before the kit's; one of the same name replaces ours and may begin
            with `{% extends "kit/<name>" %}` to replace single blocks.

    Raises:
        KitError: `template-dir-missing`.
    """
    from jinja2 import (  # noqa: PLC0415 - only rendering pays for it
        ChoiceLoader,
        Environment,
        FileSystemLoader,
        PrefixLoader,
        StrictUndefined,
    )

    ours = FileSystemLoader(OURS)
    loaders = [ours, PrefixLoader({PREFIX: ours})]
    if template_dir is not None:
        if not template_dir.is_dir():
            raise KitError(
                "template-dir-missing",
                f"The template folder {template_dir} is a file"
                if template_dir.exists()
                else f"The template folder {template_dir} does not exist",
                cause="--template-dir names it; relative paths start at the current folder",
                fix="Name a folder that contains airflow.cfg.j2 or pod_template/<mode>.yaml.j2",
                code=ExitCode.USAGE,
            )
        loaders.insert(0, FileSystemLoader(template_dir))
    # The texts are YAML and INI, never HTML: escaping would break them.
    return Environment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        keep_trailing_newline=True,
        trim_blocks=False,
    )


def render(name: str, template_dir: Path | None, facts: dict[str, object]) -> str:
    """Render one template.

    Args:
        name: Its path below the template folders, e.g. "airflow.cfg.j2".
        template_dir: The user's folder, or None.
        facts: What the template may use.

    Raises:
        KitError: `template-invalid` with the file and line of a syntax error, or the name that is not defined.
    """
    from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError  # noqa: PLC0415

    try:
        return environment(template_dir).get_template(name).render(facts)
    except TemplateSyntaxError as exc:
        where = f"{exc.filename or exc.name}, line {exc.lineno}"
        raise _broken(name, f"{where}: {exc.message}") from exc
    except UndefinedError as exc:
        raise _older(str(exc), name, template_dir) or _broken(name, str(exc)) from exc
    except TemplateError as exc:
        raise _broken(name, str(exc)) from exc


def _older(cause: str, name: str, template_dir: Path | None) -> KitError | None:
    """Explain all placeholders of the older kit in a template, when the undefined name is one of them."""
    if not (missing := re.match(r"'([A-Z][A-Z0-9_]*)' is undefined", cause)):
        return None
    mine = template_dir / name if template_dir else None
    text = mine.read_text(encoding="utf-8") if mine and mine.is_file() else ""
    return explain(f"{{{{ {missing[1]} }}}}\n{text}", str(mine or name))


def _broken(name: str, cause: str) -> KitError:
    return KitError(
        "template-invalid",
        f"The template {name} cannot be rendered",
        cause=cause,
        fix="Correct the template; docs/pod-templates.md lists the blocks and facts that templates may use",
        code=ExitCode.USAGE,
    )
