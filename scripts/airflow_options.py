"""Writes kitctl/model/data/airflow_options.json: the option names of one Airflow, and what older names became.

Run it in an environment that holds the Airflow of versions.toml with the providers of docker/airflow/requirements.txt:

    python scripts/airflow_options.py > kitctl/model/data/airflow_options.json

Only names are taken over: from `conf.configuration_description` (core and installed providers), the parser's table of
renamed options, and the rules of `airflow config lint`. Airflow still reads those of its parser's table (`still_read`),
and ignores the other older names. `sensitive` are those that Airflow marks so, and hides.
"""

from __future__ import annotations

import json
import sys

from airflow import __version__
from airflow.cli.commands.config_command import CONFIGS_CHANGES
from airflow.configuration import conf


def main() -> None:
    """Print the JSON document."""
    described = conf.configuration_description
    options = {name: sorted(section["options"]) for name, section in described.items()}
    known = {f"{section}.{option}" for section, names in options.items() for option in names}
    renamed = {
        f"{old_section}.{old}": f"{new_section}.{new}"
        for (new_section, new), (old_section, old, _since) in conf.deprecated_options.items()
    }
    still_read = sorted(old for old in renamed if old not in known)
    removed = []
    for change in CONFIGS_CHANGES:
        name = f"{change.config.section}.{change.config.option}"
        if change.renamed_to:
            renamed[name] = f"{change.renamed_to.section}.{change.renamed_to.option}"
        elif change.was_removed and change.remove_if_equals is None and name not in known:
            removed.append(name)
    document = {
        "comment": "Made by scripts/airflow_options.py; names only.",
        "airflow": __version__,
        "options": options,
        "renamed": {old: new for old, new in sorted(renamed.items()) if old not in known},
        "still_read": still_read,
        "removed": sorted(removed),
        "sensitive": sorted(
            f"{name}.{option}"
            for name, section in described.items()
            for option, words in section["options"].items()
            if words.get("sensitive")
        ),
    }
    json.dump(document, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
