"""One option, one line: a flag means the same in every command, and has one home."""

import re
from collections import defaultdict
from pathlib import Path
from typing import get_args

from kitctl.commands.options import flags, global_flags, known
from kitctl.commands.options.flag import Flag
from tests.unit.commands.test_tree import TREE

SEVERAL = {
    "--check": "`image build --check` is a switch, `render cfg --check FILE` names a file; both names are contracts",
    "--dag": "`render pod --dag FILE` needs no cluster, `logs --dag ID` asks the release; both names are contracts",
    "--prune": "`dags push --prune` deletes files, `objects apply --prune` objects: a variable for one is not for both",
    "--task": "belongs to --dag, so it has two environment variables as well",
}

HOMES = (global_flags, *known.HOMES)
ALL = [n for home in HOMES for alias in vars(home).values() for n in get_args(alias) if isinstance(n, Flag)]


def long(flag: Flag) -> str:
    return next(name for name in flag.names if name.startswith("--")).split("/")[0]


def test_each_flag_is_declared_once() -> None:
    names = [long(flag) for flag in ALL]
    assert {name for name in names if names.count(name) > 1} == set(SEVERAL)


def test_no_two_flags_share_a_variable() -> None:
    variables = [name for flag in ALL for name in flag.env]
    assert [name for name in variables if variables.count(name) > 1] == []


def test_a_flag_means_the_same_in_every_command() -> None:
    seen = defaultdict(set)
    for _, command in TREE:
        for option in command.params:
            if option.param_type_name == "option":
                name = next(word for word in option.opts if word.startswith("--"))
                env = option.envvar if isinstance(option.envvar, str) else tuple(option.envvar or ())
                seen[name].add((option.help, env, str(option.default), str(option.metavar)))
    assert {name for name, meanings in seen.items() if len(meanings) > 1} == set(SEVERAL)
    assert {long(flag) for flag in ALL} <= set(seen)


def test_flags_are_declared_nowhere_else() -> None:
    folder = Path(flags.__file__).parents[1]
    others = [path for path in folder.rglob("*.py") if re.search(r"\btyper\.Option\(", path.read_text())]
    assert [path.relative_to(folder).as_posix() for path in others] == ["options/params.py"]
