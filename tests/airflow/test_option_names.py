"""The kit refuses options that Airflow does not know: what Airflow's code reads is not among them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kitctl.model.option_names import gone, is_known, known, renamed
from tests.airflow.environment import interpreter

# conf.get("core", "parallelism") in all its forms, and with names: conf.getint(section="core", key="parallelism").
_READ = re.compile(
    r"""conf\.(?:get\w*|has_option)\(\s*(?:section=)?["']([\w.]+)["'],\s*(?:key=|option=)?["']([\w.]+)["']"""
)


def read_by_airflow() -> Iterator[tuple[str, str]]:
    """Yield section and option of each place where Airflow and its providers read one."""
    for file in (interpreter().parent.parent / "lib").glob("python*/site-packages/airflow/**/*.py"):
        for section, option in _READ.findall(file.read_text(encoding="utf-8")):
            yield section.lower(), option.lower()


def test_no_option_that_airflow_reads_is_unknown() -> None:
    found = set(read_by_airflow())
    assert len(found) > 200
    ours = {(section, option) for section, option in found if section in known()}
    # Some are read by their older name, in case the new one is missing.
    unknown = {name for name in ours if not is_known(*name) and not renamed(*name) and not gone(*name)}
    assert unknown == set()
