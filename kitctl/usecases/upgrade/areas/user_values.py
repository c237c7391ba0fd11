"""The values: whether the chart takes them with the new version, and what in them names the old one."""

from __future__ import annotations

from collections.abc import Iterator

from kitctl.errors import KitError
from kitctl.images import versions
from kitctl.model.migrate.document import Document
from kitctl.model.migrate.origin import KIT, origin
from kitctl.model.upgrade.findings import Area, Finding, area
from kitctl.model.versions import pin
from kitctl.release import image_choice
from kitctl.tools.helm.sources import Sources
from kitctl.usecases.upgrade.upgrade_facts import Facts

NAME = "values"


def look(facts: Facts, refused: list[Finding]) -> Area:
    """Say what a deploy would refuse, and what names the old version.

    Args:
        facts: What is known.
        refused: What is refused, as `refusals.find` returns it.
    """
    try:
        user = facts.user
    except KitError:
        return area(NAME, "The values cannot be read", refused)
    whose = "The values" if facts.settings.values or Sources.of(facts.settings).any_set else "No values are given"
    if whose != "The values" and user.document:
        whose = f"The values of the release {facts.settings.release}"
    if facts.wish.template_dir:
        whose += f", with the templates in {facts.wish.template_dir}"
    found = [*refused, *_origin(facts, refused), *_names(facts)]
    return area(NAME, f"{whose}; rendered with this chart and airflowVersion {facts.target}", found)


def _origin(facts: Facts, refused: list[Finding]) -> Iterator[Finding]:
    """Say that the file is one for `values migrate`, where it is refused."""
    chart = origin([key for key, _ in Document(dict(facts.user.document), {}, {}).leaves()])
    if refused and chart.chart not in {KIT, ""} and chart.sure == "certain":
        names = " ".join(str(path) for path in facts.settings.values) or "FILE"
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
