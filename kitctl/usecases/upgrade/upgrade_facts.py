"""What the areas of `kitctl upgrade-check` ask for. Each fact is made when it is first asked for, and only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from packaging.version import InvalidVersion, Version

from kitctl.errors import KitError
from kitctl.images import inventory, versions
from kitctl.images.inventory import Inventory
from kitctl.model.image_ref import full
from kitctl.model.settings import Settings
from kitctl.model.upgrade import floors as tested
from kitctl.model.upgrade import target
from kitctl.model.upgrade.findings import NotPossibleError
from kitctl.model.user_values import UserValues
from kitctl.model.versions import pin
from kitctl.release import image_choice, values
from kitctl.release.upgrade import running as cluster
from kitctl.release.upgrade import way_back
from kitctl.tools.builders import builder
from kitctl.tools.pypi import File, Index
from kitctl.usecases.upgrade import new_image
from kitctl.usecases.upgrade.wish import Wish

T = TypeVar("T")
PROJECT = "apache-airflow"


@dataclass
class Facts:
    """What is known.

    Attributes:
        settings: The release, and the user's values.
        wish: What the user asks for.
        note: Takes a line about what is done now.
    """

    settings: Settings
    wish: Wish
    note: Callable[[str], None]
    _made: dict[str, Any] = field(default_factory=dict)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        """Return what was made, or raise what was raised, when the fact was first asked for."""
        if name not in self._made:
            try:
                self._made[name] = make()
            except (KitError, NotPossibleError) as error:
                self._made[name] = error
        found = self._made[name]
        if isinstance(found, KitError | NotPossibleError):
            raise found
        return found  # type: ignore[no-any-return]

    # The package index.
    @property
    def published(self) -> dict[Version, list[File]]:
        """Versions of Airflow on the index; KitError `index-unreachable`."""
        return self._once("published", lambda: self.index.files(PROJECT))

    @cached_property
    def index(self) -> Index:
        """The package index."""
        return Index()

    @cached_property
    def target(self) -> Version:
        """The version to upgrade to, as the index writes it where it answers.

        Raises:
            KitError: `airflow-version-invalid`, `upgrade-target-too-old`, `airflow-version-unknown`.
        """
        wanted = target.parse(self.wish.to)
        try:
            return target.known(wanted, self.published)
        except KitError as error:
            if error.id != "index-unreachable":
                raise
            return wanted

    @property
    def floors(self) -> tested.Floors:
        """Servers that the new Airflow is tested with; KitError `index-unreachable`."""
        return self._once("floors", self._floors)

    def _floors(self) -> tested.Floors:
        told = self.index.metadata(self.published.get(self.target, []))
        return tested.read((told or {}).get("description", ""), self.target)

    # The release that runs.
    @property
    def running(self) -> cluster.Running:
        """The release that runs, as far as it can be asked."""
        return self._once("running", self._running)

    def _running(self) -> cluster.Running:
        if not self.wish.use_cluster:
            return cluster.Running(why="--no-cluster: the release that runs is not asked")
        self.note("asking the cluster")
        return cluster.ask(self.settings)

    @property
    def old(self) -> Inventory:
        """Packages, options and database of the release that runs; NotPossibleError says why they are not known."""
        return self._once("old", self._old)

    def _old(self) -> Inventory:
        if self.settings.dry_run and self.running.image:
            raise NotPossibleError("--dry-run makes no pod in the cluster")
        if self.running.image:
            self.note(f"asking {self.running.image} in a pod")
        found, why = cluster.taken(self.running, self.settings)
        if found is None:
            raise NotPossibleError(why)
        return found

    @cached_property
    def current(self) -> tuple[Version | None, str]:
        """The Airflow of today, and how that is known, as the beginning of a sentence."""
        if self.running.image:
            return self._running_version(), f"The release {self.settings.release} runs"
        if self.wish.image:
            return _of_name(self.wish.image), "--image has"
        try:
            return self._of_values()
        except KitError:  # the area of the values tells why
            return None, ""

    def _of_values(self) -> tuple[Version | None, str]:
        if said := self.user.find("airflowVersion"):
            return _version(str(said)), "The values name"
        if self.user.mention("image"):
            return _of_name(image_choice.named(self.user)), "The image of the values has"
        return _version(pin("airflow.version")), "This kitctl installs"

    def _running_version(self) -> Version | None:
        try:
            return _version(self.old.airflow)
        except NotPossibleError:
            told = way_back.airflow_version(self.running.objects)
            return _of_name(self.running.image) or _version(told)

    @cached_property
    def mine(self) -> UserValues:
        """The user's own values. A DAG mode that does not exist is left to the schema, which tells all that is wrong.

        Raises:
            KitError: `values-missing`, `values-invalid`, `set-invalid`.
        """
        return values.read_any_mode(self.settings)

    @cached_property
    def user(self) -> UserValues:
        """The user's values; those of the release that runs if the user gives none; raises as `mine`."""
        return self.mine if self.mine.document else values.read_any_mode(self.settings, self.running.config)

    # The new image.
    @property
    def image(self) -> str:
        """An image with the new Airflow, in the builder's storage.

        Raises:
            KitError: of the build, and `upgrade-image-other-version`.
            NotPossibleError: where no image may be used.
        """
        return self._once("image", self._image)

    def _image(self) -> str:
        if not self.wish.use_image:
            raise NotPossibleError("--no-image: no image with the new version is built or run")
        if self.wish.new_image:
            return new_image.named(self.wish, self.target, self.note)
        if self.settings.dry_run:
            raise NotPossibleError("--dry-run builds no image")
        return new_image.build(self.wish, str(self.target), self.running.image, self.note)

    @property
    def new(self) -> Inventory:
        """What the new image consists of; raises as `image`, and KitError `inventory-failed`."""
        return self._once("new", lambda: inventory.of_image(self.image))

    @property
    def old_image(self) -> Inventory:
        """Packages and options of today, of the release or of an image in the builder's storage.

        Raises:
            NotPossibleError: where neither is known.
        """
        return self._once("old-image", self._old_image)

    def _old_image(self) -> Inventory:
        try:
            return self.old
        except NotPossibleError as error:
            why = str(error)
        if not self.wish.use_image:
            raise NotPossibleError(why)
        for reference in self._candidates():
            if builder.find().image_id(reference) is not None:
                self.note(f"asking {reference}")
                return inventory.of_image(reference)
        raise NotPossibleError(f"{why}. The image of today is not on this machine either")

    def _candidates(self) -> list[str]:
        """Return the images that may be those of today: the one that runs or is named, or else the kit's own."""
        if self.running.image or self.wish.image or self.user.mention("image"):
            return [full(self.running.image or self.wish.image or image_choice.named(self.user))]
        version = self.current[0]
        if version is None or version < Version(pin("airflow.minimum")):
            return []
        return [new_image.reference(self.wish, str(version))]


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _of_name(reference: str) -> Version | None:
    """Return the version that the name of an image tells."""
    told = versions.kit_version(reference) or versions.official_version(reference) or versions.tag_version(reference)
    return _version(told) if told else None
