"""Files of variables for `--env-file`."""

from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.tools import env_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "dev.env"


def test_lines_set_variables(file: Path) -> None:
    file.write_text("# mine\nA=1\nexport B=\"two words\"\n\nC='$A'\nD=a=b#c\nE=\n")
    assert env_file.read(file) == {"A": "1", "B": "two words", "C": "$A", "D": "a=b#c", "E": ""}


@pytest.mark.parametrize("line", ["no variable here s3cret", "s3cret", "=s3cret"])
def test_a_broken_line_is_named_by_its_number_and_not_shown(file: Path, line: str) -> None:
    file.write_text(f"A=1\n{line}\n")
    with pytest.raises(KitError) as raised:
        env_file.read(file)
    error = raised.value
    assert (error.id, error.code) == ("env-file-broken", ExitCode.USAGE)
    assert "Line 2 of" in error.message
    assert "s3cret" not in str(error.as_dict())


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_is_no_text(file: Path, content: bytes | None) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(KitError) as raised:
        env_file.read(file)
    assert (raised.value.id, raised.value.code) == ("env-file-missing", ExitCode.USAGE)
