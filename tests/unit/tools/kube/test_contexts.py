"""An error about a context names the file that was read and the contexts in it."""

import json

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube import contexts
from kitctl.tools.kube.config import load


@pytest.fixture
def kubeconfig(tmp_path):
    def write(*names, current="", name="config"):
        entries = [{"name": n, "context": {"cluster": f"of-{n}", "user": "u"}} for n in names]
        document = {"apiVersion": "v1", "kind": "Config", "contexts": entries, "current-context": current}
        (tmp_path / name).write_text(json.dumps(document))
        return tmp_path / name

    return write


def failed(look):
    with pytest.raises(KitError) as raised:
        look()
    assert (raised.value.id, raised.value.code) == ("context-missing", ExitCode.UNREACHABLE)
    return raised.value


def test_an_unknown_context_lists_those_that_exist(kubeconfig):
    path = kubeconfig("prod", "staging")
    error = failed(lambda: load("prd", path))
    assert error.message == "The kube context prd does not exist"
    assert error.cause == f"Contexts in {path}: prod, staging"
    assert error.fix.startswith(f"kubectl --kubeconfig {path} config get-contexts")


def test_a_long_list_of_contexts_is_cut(kubeconfig):
    error = failed(lambda: load("x", kubeconfig(*(f"c{n:02}" for n in range(23)))))
    assert error.cause.endswith("c18, c19 and 3 more")


@pytest.mark.parametrize("look", [lambda path: load(None, path), contexts.current])
def test_no_current_context_names_the_file(kubeconfig, look):
    path = kubeconfig("prod")
    error = failed(lambda: look(path))
    assert (error.message, error.cause) == (f"No current context is set in {path}", f"Contexts in {path}: prod")


def test_a_file_without_contexts_is_named(kubeconfig):
    path = kubeconfig()
    assert failed(lambda: load("prod", path)).cause == f"{path} has no contexts"


@pytest.mark.parametrize("look", [lambda path: load(None, path), lambda path: load("c", path), contexts.current])
def test_a_kubeconfig_that_does_not_exist_is_named(tmp_path, look):
    error = failed(lambda: look(tmp_path / "none"))
    assert error.message == f"The kubeconfig file {tmp_path / 'none'} does not exist"
    assert error.cause == "--kubeconfig names it"


def test_files_of_the_environment_that_do_not_exist_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/a:{tmp_path}/b")
    error = failed(lambda: load(None, None))
    assert error.message == f"The kubeconfig files {tmp_path}/a, {tmp_path}/b do not exist"
    assert error.cause == "KUBECONFIG names them"


def test_one_file_of_several_may_be_missing(kubeconfig, tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/none:{kubeconfig('prod')}")
    assert failed(lambda: load("prd", None)).cause == f"Contexts in {tmp_path}/none, {tmp_path}/config: prod"


def test_without_any_kubeconfig_the_usual_place_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("KITCTL_CACHE", str(contexts.toolbox.cache_root()))
    monkeypatch.setenv("HOME", str(tmp_path))
    error = failed(lambda: load(None, None))
    assert error.message == f"No current context is set in {tmp_path}/.kube/config"
    assert error.cause == f"{tmp_path}/.kube/config does not exist"


def test_a_context_without_its_cluster_is_not_called_missing(kubeconfig):
    path = kubeconfig("prod")
    error = failed(lambda: load("prod", path))
    assert error.message == f"The kube context prod in {path} cannot be used"


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    (tmp_path / "config").write_text("a: [")
    error = failed(lambda: load("c", tmp_path / "config"))
    assert error.message == f"The kubeconfig {tmp_path / 'config'} cannot be read"
    assert "yaml" in error.cause


def test_the_current_context_is_read(kubeconfig):
    assert contexts.current(kubeconfig("prod", "staging", current="staging")) == "staging"
