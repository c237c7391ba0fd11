"""What a user's template folder holds is used, or refused: it is never passed over without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.user_values import UserValues
from kitctl.model.values import DagMode
from kitctl.release.templates import compiled, render_cfg, render_pod

IMAGE = "pod_template/image.yaml.j2"
BASE = "pod_template/base.yaml.j2"
MINE = '{{% extends "kit/{}" %}}{{% block {} %}}\n  # mine\n{{% endblock %}}'


def folder(tmp_path: Path, **files: str) -> Path:
    """Write templates; `__` stands for a slash, and `.yaml.j2` is added where there is no dot."""
    for name, text in files.items():
        file = tmp_path / "t" / (name.replace("__", "/") + ("" if "." in name else ".yaml.j2"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "t"


def refused(templates: Path, mode: DagMode = DagMode.IMAGE) -> KitError:
    with pytest.raises(KitError) as error:
        render_pod(mode, templates)
    assert error.value.code is ExitCode.USAGE
    return error.value


def test_a_misspelt_block_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    error = refused(folder(tmp_path, pod_template__image=MINE.format(IMAGE, "sidecar")))
    assert error.id == "template-block-unknown"
    assert "image.yaml.j2 overrides the block sidecar" in error.message
    assert "container_security" in error.cause
    assert "sidecars" in error.fix


def test_a_misspelt_block_of_airflow_cfg_is_refused(tmp_path: Path) -> None:
    templates = folder(tmp_path, **{"airflow.cfg.j2": MINE.format("airflow.cfg.j2", "schedular")})
    with pytest.raises(KitError) as error:
        render_cfg(templates)
    assert error.value.id == "template-block-unknown"
    assert "scheduler" in error.value.fix


@pytest.mark.parametrize("name", ["image", "pod_template__images", "airflow.cfg", "pod_template__image.yaml"])
def test_a_file_in_a_wrong_place_is_refused_with_the_right_ones(tmp_path: Path, name: str) -> None:
    error = refused(folder(tmp_path, **{name: "x"}))
    assert error.id == "template-unused"
    assert name.rsplit("__", maxsplit=1)[-1] in error.message
    assert IMAGE in error.cause
    assert "airflow.cfg.j2" in error.cause


def test_a_pod_of_another_mode_alone_is_refused(tmp_path: Path) -> None:
    templates = folder(tmp_path, pod_template__pvc=MINE.format("pod_template/pvc.yaml.j2", "sidecars"))
    error = refused(templates)
    assert error.id == "template-unused"
    assert IMAGE in error.fix
    assert "# mine" in render_pod(DagMode.PVC, templates)
    render_cfg(templates)  # has no mode


def test_pods_of_several_modes_may_lie_side_by_side(tmp_path: Path) -> None:
    both = {f"pod_template__{m}": MINE.format(f"pod_template/{m}.yaml.j2", "sidecars") for m in ("pvc", "image")}
    assert "# mine" in render_pod(DagMode.IMAGE, folder(tmp_path, **both))


@pytest.mark.parametrize("mode", list(DagMode))
def test_a_users_base_alone_serves_every_mode(tmp_path: Path, mode: DagMode) -> None:
    assert "# mine" in render_pod(mode, folder(tmp_path, pod_template__base=MINE.format(BASE, "sidecars")))


def test_a_template_that_extends_itself_is_refused_with_the_way(tmp_path: Path) -> None:
    error = refused(folder(tmp_path, pod_template__base='{% extends "pod_template/base.yaml.j2" %}'))
    assert error.id == "template-circular"
    assert f'"kit/{BASE}"' in error.fix
    error = refused(folder(tmp_path, pod_template__base='{% extends "kit/pod_template/image.yaml.j2" %}'))
    assert error.id == "template-circular"


def test_a_parent_that_is_missing_is_told(tmp_path: Path) -> None:
    error = refused(folder(tmp_path, pod_template__image='{% extends "kit/pod_template/imag.yaml.j2" %}'))
    assert error.id == "template-invalid"
    assert "imag.yaml.j2" in error.cause


def test_parts_that_are_included_and_new_inner_blocks_are_fine(tmp_path: Path) -> None:
    text = (
        '{% extends "kit/pod_template/image.yaml.j2" %}{% block sidecars %}'
        '{% include "parts/proxy.yaml.j2" %}{% block mine %}{% endblock %}{% endblock %}'
    )
    templates = folder(tmp_path, pod_template__image=text, parts__proxy="  # mine\n")
    folder(tmp_path, **{"README.md": "notes", ".git__x.yaml": "hidden"})
    assert "# mine" in render_pod(DagMode.IMAGE, templates)


def test_a_computed_name_may_reach_any_file(tmp_path: Path) -> None:
    text = (
        '{% extends "kit/pod_template/image.yaml.j2" %}{% block sidecars %}{% include "a" ~ ".yaml.j2" %}{% endblock %}'
    )
    assert "# mine" in render_pod(DagMode.IMAGE, folder(tmp_path, pod_template__image=text, a="  # mine\n"))


def test_both_files_are_checked_before_either_is_written(tmp_path: Path) -> None:
    with pytest.raises(KitError):
        compiled(UserValues(), folder(tmp_path, image="x"))
