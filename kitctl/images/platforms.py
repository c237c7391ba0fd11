"""One image for several platforms: an image of each, and the list that a registry gets of them.

Storages of builders hold images, and docker's no lists. So the image of each platform has a name of its own, which ends
with its architecture; the list is made when it is pushed. The name without an ending is this machine's own image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kitctl.errors import ExitCode, KitError
from kitctl.images.building import Built
from kitctl.model.image_ref import digest, full, made_from_content, repository
from kitctl.model.platforms import suffix
from kitctl.tools.builders import builder, emulation

_LEAST = 2


def several(platforms: Sequence[str]) -> bool:
    """Whether platforms need a list."""
    return len(platforms) >= _LEAST


def refuse_foreign(tool: builder.Builder, platforms: Sequence[str]) -> None:
    """Refuse platforms whose programs the builder cannot run, before it builds anything.

    Raises:
        KitError: `platform-not-runnable`.
    """
    foreign = [platform for platform in platforms if not tool.runs(platform)]
    if foreign:
        raise emulation.not_runnable(foreign, tool.name)


def base_of(tool: builder.Builder, base: str, platform: str) -> str:
    """Return the image of one platform that a base's name stands for, by its digest; without a list, the name itself.

    A storage holds one image of a name. By its digest, the base of each platform stays, and its name keeps its meaning.

    Raises:
        KitError: `platform-not-in-base`.
    """
    if not platform or made_from_content(base):
        return base
    listed = tool.platforms(base)
    if not listed:
        return base
    if platform not in listed:
        raise KitError(
            "platform-not-in-base",
            f"There is no image of {base} for {platform}",
            cause=f"Its registry has: {', '.join(sorted(listed))}",
            fix=f"--platform {','.join(sorted(listed))}    # or another image: --base-image NAME",
            code=ExitCode.PREFLIGHT,
        )
    return f"{repository(base)}@{listed[platform]}"


def each(
    platforms: Sequence[str], one: Callable[[str], Built], name: Callable[[str, str], None]
) -> tuple[Built, dict[str, str]]:
    """Build the image of each platform under the name of all of them together.

    Args:
        platforms: Two or more.
        one: Builds the image of one platform.
        name: Gives an image another name.

    Returns:
        What was built, under its own name, and the image of each platform.
    """
    found = {platform: one(platform) for platform in platforms}
    first = found.get(emulation.native(), found[platforms[0]])
    images = {platform: built.image for platform, built in found.items()}
    whole = f"{repository(first.image)}:{digest([], sorted(images.values()))}"
    name_all(whole, images, first.image, name)
    return Built(whole, first.airflow_version, any(b.built for b in found.values()), first.builder), images


def name_all(whole: str, images: dict[str, str], own: str, name: Callable[[str, str], None]) -> None:
    """Give the images of all platforms one more name, and this machine's own the name without an ending."""
    name(own, whole)
    for platform, image in images.items():
        name(image, member(whole, platform))


def member(reference: str, platform: str) -> str:
    """Return the name of one platform's image: "team/dags:1" is "docker.io/team/dags:1-arm64"."""
    return f"{full(reference)}-{suffix(platform)}"


def push(tool: builder.Builder, reference: str, platforms: Sequence[str]) -> str:
    """Send the images of several platforms and their list to a registry, and return the digest of the list.

    Raises:
        KitError: `image-missing`, `image-push-failed`.
    """
    members = {platform: member(reference, platform) for platform in platforms}
    for platform, image in members.items():
        if tool.image_id(image) is None:
            raise KitError(
                "image-missing",
                f"{tool.name} has no image {image}",
                cause=f"The list {reference} needs an image of each platform; that of {platform} is not here",
                fix=f"kitctl image build --platform {','.join(platforms)} --tag {reference}",
            )
    return tool.push_list(full(reference), members)
