"""A requirements file becomes one text without credentials; what pip needs beside it goes into secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.images import recipes, requirements
from kitctl.images.requirements import Requirements
from tests.unit.fake_builder import FakeBuilder
from tests.unit.fake_images import make, reported

TOKEN = "S3CRETTOKEN"


def read(folder: Path, text: str, **env: str) -> Requirements:
    (folder / "reqs.txt").write_text(text)
    return requirements.read(folder / "reqs.txt", env)


def refused(folder: Path, text: str, **env: str) -> KitError:
    with pytest.raises(KitError) as caught:
        read(folder, text, **env)
    return caught.value


@pytest.mark.parametrize(
    "line",
    [
        f"--extra-index-url https://__token__:{TOKEN}@example.org/simple",
        f"--index-url https://{TOKEN}@example.org/simple",
        f"lib @ https://user:{TOKEN}@example.org/lib.whl",
        f"lib @ git+https://{TOKEN}@example.org/lib.git@v1",
        f"lib @ https://example.org/lib-1.whl?sv=1&sig={TOKEN}",
        f"-r https://user:{TOKEN}@example.org/more.txt",
        f"-c https://user:{TOKEN}@example.org/constraints.txt",
    ],
)
def test_a_credential_in_the_file_reaches_only_the_secrets(tmp_path: Path, line: str) -> None:
    found = read(tmp_path, f"{line}\ntoolz\n")
    assert TOKEN not in found.text
    (name,) = found.variables
    # As pip fills it in.
    assert found.text.replace(f"${{{name}}}", found.variables[name]) == f"{line}\ntoolz\n"


@pytest.mark.parametrize(
    "line",
    [
        "lib @ git+ssh://git@example.org/lib.git@v1",
        "lib @ git+https://example.org/lib.git@v1",
        "--index-url https://example.org:8443/simple",
        "# https://user:password@example.org",
        "toolz==1.0  # ${NOT_SET}",
        "lib[extra] @ https://example.org/lib.whl ; python_version > '3'",
        "--find-links /wheels",
        "/opt/libs/lib.whl",
        "$HOME ${lower}",
    ],
)
def test_other_lines_stay_as_they_are(tmp_path: Path, line: str) -> None:
    assert read(tmp_path, f"{line}\n") == Requirements(f"{line}\n")


def test_variables_are_those_of_the_caller(tmp_path: Path) -> None:
    line = "--extra-index-url https://${WHO}:${TOKEN}@${HOST}/simple"
    found = read(tmp_path, f"{line}\n", WHO="a", TOKEN="b", HOST="c", OTHER="d")
    assert (found.text, found.variables) == (f"{line}\n", {"WHO": "a", "TOKEN": "b", "HOST": "c"})
    partly = read(tmp_path, "--index-url https://a:pre${TOKEN}@h/simple\n", TOKEN="b")
    assert list(partly.variables.values()) == ["preb"]


def test_a_variable_without_a_value_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, "--index-url https://a:${TOKEN}@h/simple\n", TOKEN="")
    assert error.id == "requirements-variable-missing"
    assert error.fix.startswith("export TOKEN=")


@pytest.mark.parametrize(
    "option", ["-c limits.txt", "-climits.txt", "--constraint=limits.txt", '--constraint "limits.txt"']
)
def test_local_constraints_are_carried_with_those_that_they_name(tmp_path: Path, option: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "reqs.txt").write_text(f"httpx\n{option}\n")
    (tmp_path / "sub" / "limits.txt").write_text("-c ../more.txt\ntoolz==1.0.0\n")
    (tmp_path / "more.txt").write_text("-r sub/limits.txt\nhttpx<1\n")
    found = read(tmp_path, "-r sub/reqs.txt\ntoolz\n")
    assert found.text == "-c constraints.txt\nhttpx\ntoolz\n"
    assert found.constraints == "httpx<1\ntoolz==1.0.0\n"


def test_an_included_file_that_is_missing_is_told_with_the_line_that_names_it(tmp_path: Path) -> None:
    error = refused(tmp_path, "toolz\n-c nope.txt\n")
    assert error.id == "requirements-missing"
    assert f"{tmp_path / 'reqs.txt'}, line 2 names it" in error.cause


@pytest.mark.parametrize(
    "line", ["-e ./lib", "-e .", "--editable lib", "./wheels/lib.whl", "../lib[x]", "lib-1.0.tar.gz", "-f wheels"]
)
def test_files_of_this_machine_are_refused_before_pip_looks_for_them(tmp_path: Path, line: str) -> None:
    assert refused(tmp_path, f"{line}\n").id == "requirements-local"


def test_an_editable_checkout_would_keep_its_token(tmp_path: Path) -> None:
    assert refused(tmp_path, f"-e git+https://{TOKEN}@h/lib.git#egg=lib\n").id == "requirements-token-kept"
    assert read(tmp_path, "-e git+https://h/lib.git#egg=lib\n").variables == {}


def test_neither_context_nor_arguments_of_the_build_hold_a_token(
    tool: FakeBuilder, dags: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}
    build = tool.build
    monkeypatch.setattr(
        tool,
        "build",
        lambda order, **more: seen.update({k: p.read_text() for k, p in order.secrets.items()}) or build(order, **more),
    )
    monkeypatch.setenv("TOKEN", "T0KEN-OF-THE-ENVIRONMENT")
    (tmp_path / "reqs.txt").write_text(
        f"--index-url https://a:{TOKEN}@h/simple\n--extra-index-url https://a:${{TOKEN}}@h/simple\n-c limits.txt\n"
    )
    (tmp_path / "limits.txt").write_text(f"lib @ https://x:{TOKEN}@h/lib.whl\n")
    first = make(dags, tmp_path / "reqs.txt").image
    order = tool.orders[-1]
    for text in (*tool.context.values(), *order.args.values(), *order.labels.values()):
        assert TOKEN not in text
        assert "T0KEN" not in text
    assert set(json.loads(seen["pip"]).values()) == {TOKEN, "T0KEN-OF-THE-ENVIRONMENT"}
    monkeypatch.setenv("TOKEN", "another")
    assert make(dags, tmp_path / "reqs.txt").image == first, "a new token builds nothing anew"


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("ERROR: Cannot find command 'git'", "git+https"),
        ("git@h: Permission denied (publickey).", "git+https"),
        ("ERROR: HTTP error 401 while getting https://h/lib.whl", "export TOKEN"),
        ("ERROR: No matching distribution found for nope", "names and versions"),
    ],
)
def test_the_fix_fits_what_pip_says(tool: FakeBuilder, said: str, helps: str) -> None:
    assert helps in reported({"id": "requirements-not-installed", "cause": said}).fix


def test_a_conflict_with_the_constraints_names_them(tool: FakeBuilder) -> None:
    conflict = {"package": "anyio", "wanted": "==3", "installed": "4.16.0", "by": "constraints"}
    error = reported({"id": "requirements-conflict", "conflicts": [conflict]})
    assert "anyio: your constraints file wants ==3, the image has 4.16.0" in error.cause
    assert "Remove anyio from your constraints" in error.fix


def test_the_variables_of_the_release_reach_the_check_of_the_dags_and_nothing_else(
    tool: FakeBuilder, dags: Path
) -> None:
    def build(**env: str) -> recipes.Built:
        how = recipes.ImageOptions(check_env=env)
        return recipes.build(dags, None, "", options=how, progress=lambda _: None)

    plain, first, second = build(), build(PYTHONPATH="/opt/airflow"), build(PYTHONPATH="/elsewhere")
    assert len({plain.image, first.image, second.image}) == 3
    orders = [order for order in tool.orders if "/dags:" in order.tag]
    assert ["env" in order.secrets for order in orders] == [False, True, True]
    assert [order.args["CHECK_KEY"] for order in orders] == ["", first.image, second.image]
    assert not [text for order in orders for text in order.args.values() if "/elsewhere" in text]
