"""What a file says in the place of a section is not lost behind a flag."""

import re

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.overlay import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import inputs
from kitctl.release.inputs import UserValues
from kitctl.release.rollout import prepare
from kitctl.release.shadows import refuse

FLAGS = {"apiServer": {"service": {"nodePort": 30859}}, "dags": {"mode": "git"}}


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"apiServer": "hello"}, "apiServer"),
        ({"apiServer": {"service": ["NodePort"]}}, "apiServer.service"),
        ({"dags": False}, "dags"),
    ],
)
def test_a_text_where_a_flag_sets_keys_is_refused(document, key):
    with pytest.raises(KitError) as raised:
        refuse(UserValues(({}, document), ()), FLAGS)
    error = raised.value
    assert (error.id, error.code) == ("values-wrong-type", ExitCode.PREFLIGHT)
    assert re.fullmatch(rf"{key} is .+, but a flag sets a key below it", error.message)
    assert error.fix.startswith(f"Write a mapping for {key}")


@pytest.mark.parametrize(
    "document",
    [{}, {"apiServer": {"replicas": 2}}, {"scheduler": "hello"}, {"apiServer": None}, {"dags": {"mode": "pvc"}}],
)
def test_what_is_beside_the_flags_is_the_schemas_to_judge(document):
    refuse(UserValues((document,), ()), FLAGS)


def test_up_asks_before_helm_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "write", lambda *_, **__: pytest.fail("values were written"))
    file = tmp_path / "values.yaml"
    file.write_text("apiServer: hello\n")
    with pytest.raises(KitError, match="apiServer is 'hello'"):
        prepare(Settings(values=(file,)), UpOptions(node_port=30859), made_by_kit=True, chosen=Choice(), smoke=False)
