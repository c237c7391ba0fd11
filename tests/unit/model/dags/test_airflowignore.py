"""`.airflowignore` is read as git reads .gitignore."""

import pytest

from kitctl.model.dags.airflowignore import ignored


@pytest.mark.parametrize(
    ("rule", "path", "out"),
    [
        ("broken.py", "broken.py", True),
        ("broken.py", "sub/broken.py", True),
        ("broken.py", "unbroken.py", False),
        ("/broken.py", "sub/broken.py", False),
        ("*_old.py", "a/b/x_old.py", True),
        ("lib/", "lib/x.py", True),
        ("lib/", "a/lib/b/x.py", True),
        ("lib/", "lib.py", False),
        ("a/*.py", "a/x.py", True),
        ("a/*.py", "a/b/x.py", False),
        ("a/**/x.py", "a/b/c/x.py", True),
        ("a/**/x.py", "a/x.py", True),
        ("a/**", "a/b.py", True),
        ("**/b.py", "x/y/b.py", True),
        ("x?.py", "x1.py", True),
        ("x[0-9].py", "x7.py", True),
        ("x[!0-9].py", "x7.py", False),
        ("# x.py", "x.py", False),
        ("", "x.py", False),
        ("*\n!keep.py", "keep.py", False),
        ("*\n!keep.py", "other.py", True),
        ("lib/\n!lib/x.py", "lib/x.py", True),
    ],
)
def test_a_rule_at_the_top(rule: str, path: str, out: bool):
    assert ignored(path, {"": rule}) is out


def test_a_file_in_a_folder_counts_below_it_only():
    rules = {"a": "x.py"}
    assert ignored("a/x.py", rules)
    assert ignored("a/b/x.py", rules)
    assert not ignored("x.py", rules)


def test_a_deeper_file_wins():
    assert not ignored("a/x.py", {"": "x.py", "a": "!x.py"})
