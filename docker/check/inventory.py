"""Tell what Airflow this is: `inventory.py [SPEC]`, in an image, or in a pod that is made from the migrate Job.

SPEC is JSON: `{"database": true}` also asks the database.

Prints one line, `KITCTL-REPORT {json}`:

    airflow, python  versions
    packages         name → version of all that is installed
    options          section → option → default
    renamed          older "section.option" → the one of today
    still_read       those of `renamed` that this Airflow still reads, with a warning; it ignores the others
    removed          "section.option" that are gone
    revisions        migrations of Airflow's own tables that this Airflow knows
    database         if it was asked: the version of its server and its revision, or `said`: what failed

No address and no password is printed, and nothing is written.
"""

import json
import os
import re
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

REVISION = re.compile(r"^revision(?:\s*:[^=\n]+)?\s*=\s*[\"']([^\"']+)[\"']", re.MULTILINE)
SECONDS = 10


def main(*, database: bool) -> dict[str, Any]:
    """Return the report."""
    if not database:
        # Airflow writes to its home as soon as it is imported, and the image's may not be writable.
        os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
    from airflow import __version__  # noqa: PLC0415 - its home is set only now
    from airflow.configuration import conf  # noqa: PLC0415

    report = {
        "airflow": __version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "packages": packages(),
        "revisions": revisions(),
        **options(conf),
    }
    return {**report, "database": asked(conf)} if database else report


def packages() -> dict[str, str]:
    """Return the installed packages, their names as PyPI writes them."""
    found = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower(): d.version for d in metadata.distributions()}
    return dict(sorted(found.items()))


def revisions() -> list[str]:
    """Return the migrations of Airflow's own tables."""
    import airflow.migrations as migrations  # noqa: PLC0415, PLR0402

    folder = Path(next(iter(migrations.__path__)), "versions")
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    return [found[1] for text in texts if (found := REVISION.search(text))]


def options(conf: Any) -> dict[str, Any]:
    """Return options, and what older ones became; the same way as scripts/airflow_options.py."""
    from airflow.cli.commands.config_command import CONFIGS_CHANGES  # noqa: PLC0415

    described = conf.configuration_description
    known = {
        name: {option: words.get("default") for option, words in section["options"].items()}
        for name, section in described.items()
    }
    renamed = {
        f"{old_section}.{old}": f"{section}.{option}"
        for (section, option), (old_section, old, _since) in conf.deprecated_options.items()
    }
    still_read = sorted(renamed)
    removed = []
    for change in CONFIGS_CHANGES:
        name = f"{change.config.section}.{change.config.option}"
        if change.renamed_to:
            renamed[name] = f"{change.renamed_to.section}.{change.renamed_to.option}"
        elif change.was_removed and change.remove_if_equals is None:
            removed.append(name)
    names = {f"{section}.{option}" for section, found in known.items() for option in found}
    return {
        "options": known,
        "renamed": {old: new for old, new in sorted(renamed.items()) if old not in names},
        "still_read": [old for old in still_read if old not in names],
        "removed": sorted(set(removed) - names),
    }


def asked(conf: Any) -> dict[str, str]:
    """Ask the database of the release."""
    try:
        from sqlalchemy import create_engine, text  # noqa: PLC0415

        engine = create_engine(
            conf.get("database", "sql_alchemy_conn"), connect_args={"connect_timeout": SECONDS}, pool_pre_ping=False
        )
        with engine.connect() as connection:
            version = connection.execute(text("SELECT current_setting('server_version')")).scalar()
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except Exception as error:  # noqa: BLE001 - of the driver; its words may hold the address
        return {"said": type(error).__name__}
    return {"version": str(version), "revision": str(revision)}


if __name__ == "__main__":
    spec = json.loads(sys.argv[1]) if sys.argv[1:] else {}
    sys.stdout.write(f"\nKITCTL-REPORT {json.dumps(main(database=bool(spec.get('database'))), default=str)}\n")
