"""The values: whether the chart takes them with the new version, and what in them names the old one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kitctl.errors import KitError
from kitctl.images import versions
from kitctl.model.migrate.document import Document
from kitctl.model.migrate.origin import KIT, origin
from kitctl.model.upgrade.findings import Area, Finding, area, of_error
from kitctl.model.versions import data_dir, pin
from kitctl.release import image_choice, templates, values
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources
from kitctl.usecases.upgrade.upgrade_facts import Facts

NAME = "values"


def look(facts: Facts) -> Area:
    """Render the chart with the values and the new version."""
    try:
        user = facts.user
    except KitError as error:
        return area(NAME, "The values cannot be read", [of_error(error)])
    whose = "The values" if facts.settings.values or Sources.of(facts.settings).any_set else "No values are given"
    if whose != "The values" and user.document:
        whose = f"The values of the release {facts.settings.release}"
    found = [*_refusals(facts), *_names(facts)]
    return area(NAME, f"{whose}; rendered with this chart and airflowVersion {facts.target}", found)


def _refusals(facts: Facts) -> Iterator[Finding]:
    """Let the chart judge, as a deploy would."""
    s = facts.settings
    chart = origin([key for key, _ in Document(dict(facts.user.document), {}, {}).leaves()])
    try:
        values.refuse_nulls(facts.user)
        with tempfile.TemporaryDirectory(prefix="kitctl-upgrade-") as folder:
            below = Path(folder, "release.json")
            mine = values.read(s).document
            below.write_text(json.dumps({} if mine else dict(facts.user.document)), encoding="utf-8")
            # --set-string wins over files and --set.
            version = (*s.set_strings, f"airflowVersion={facts.target}")
            sources = replace(Sources.of(s).between((below,)), set_strings=version)
            templates.pods_of(Helm().template(data_dir("chart"), s.release, s.namespace, sources))
    except KitError as error:
        yield of_error(error)
        if chart.chart not in {KIT, ""} and chart.sure == "certain":
            names = " ".join(str(path) for path in s.values) or "FILE"
            yield Finding(
                "values-of-another-chart",
                "info",
                names,
                f"The file was written for another chart ({chart.chart})",
                fix=f"kitctl values migrate {names} --out values.yaml",
            )


def _names(facts: Facts) -> Iterator[Finding]:
    """Say what in the values has to change with the upgrade."""
    user, target = facts.user, str(facts.target)
    said = user.find("airflowVersion")
    if said and str(said) != target:
        yield _todo("airflowVersion", f"airflowVersion is {said}", f"airflowVersion: {target}")
    reference = image_choice.named(user)
    told = versions.official_version(reference) or versions.tag_version(reference)
    if user.find("image", "digest") or (user.find("image", "tag") and told != target):
        words = f"The image is {reference}"
        yield _todo("image", words, f"Build or choose an image with Airflow {target}, and name it in image.tag")
    elif not user.mention("image") and not said and target != pin("airflow.version"):
        words = f"Without a version in the values, this kitctl installs Airflow {pin('airflow.version')}"
        yield _todo("airflowVersion", words, f"airflowVersion: {target}")


def _todo(place: str, words: str, fix: str) -> Finding:
    return Finding("values-name-version", "info", place, words, "It has to change with the upgrade", fix)
