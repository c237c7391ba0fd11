"""Git's words, as its versions 2.39 to 2.47 and the servers say them, and the error that each one is."""

from dataclasses import replace

import pytest

from kitctl.errors import ExitCode
from kitctl.release.preflight.repository_refusal import refusal
from kitctl.release.preflight.repository_target import Target

TARGET = Target(
    key="dags.git",
    repo="https://git.example.com/dags.git",
    ref="main",
    type="https",
    secret="login",
    ca_config_map="git-ca",
)
WORDS = {
    "git-login-refused": [
        "fatal: Authentication failed for 'https://git.example.com/dags.git/'",
        "git@git.example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\n"
        "Please make sure you have the correct access rights\nand the repository exists.",
        "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled",
        "fatal: unable to access 'https://x/': The requested URL returned error: 403",
        "git_credential.py: HTTP Error 401: Unauthorized\nfatal: could not read Username for 'https://x'",
        'Load key "/var/kitctl/git/dags-git/ssh-key": error in libcrypto\ngit@x: Permission denied (publickey).',
    ],
    "git-host-key-refused": [
        "No ED25519 host key is known for [git.example.com]:2222 and you have requested strict checking.\n"
        "Host key verification failed.\nfatal: Could not read from remote repository.",
        "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nfatal: Could not read from remote repository.",
    ],
    "git-certificate-refused": [
        "fatal: unable to access 'https://x/': server certificate verification failed. CAfile: none CRLfile: none",
        "fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate",
        "git_credential.py: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed>\nfatal: x",
    ],
    "git-server-unreachable": [
        "fatal: unable to access 'https://x/': Could not resolve host: git.example.com",
        "fatal: unable to access 'https://x/': Failed to connect to x port 443 after 2 ms: Couldn't connect to server",
        "ssh: connect to host x port 22: Connection refused\nfatal: Could not read from remote repository.",
        "ssh: Could not resolve hostname x: Name or service not known\nfatal: Could not read from remote repository.",
        "fatal: unable to look up git.example.com (port 9418) (Name or service not known)",
        "fatal: unable to access 'https://x/': The requested URL returned error: 503",
        "timed out: no answer within 25 s",
    ],
    "git-repo-missing": [
        "remote: Repository not found.\nfatal: repository 'https://git.example.com/dags.git/' not found",
        "fatal: '/srv/git/none.git' does not appear to be a git repository\n"
        "fatal: Could not read from remote repository.",
        "fatal: remote error: access denied or repository not exported: /none.git",
    ],
    "git-repo-unreadable": ["fatal: protocol error: bad line length", ""],
}


@pytest.mark.parametrize(("error_id", "said"), [(e, words) for e, all_words in WORDS.items() for words in all_words])
def test_each_refusal_of_git_is_one_error(error_id, said):
    error = refusal(TARGET, {"code": 128, "said": said, "found": 0}, "airflow")
    assert error is not None
    assert (error.id, error.code) == (error_id, ExitCode.PREFLIGHT)
    assert error.cause.startswith(said[:20])
    assert error.fix


def test_a_ref_that_is_there_is_no_error():
    assert refusal(TARGET, {"code": 0, "said": "", "found": 1}, "airflow") is None


def test_a_folder_that_the_ref_does_not_have_is_refused():
    error = refusal(replace(TARGET, sub_path="nope"), {"code": 0, "said": "", "found": 1, "folder": False}, "airflow")
    assert error is not None
    assert (error.id, error.code) == ("git-folder-missing", ExitCode.PREFLIGHT)
    assert "nope" in error.message


def test_a_ref_that_is_not_there_is_named():
    error = refusal(TARGET, {"code": 0, "said": "", "found": 0}, "airflow")
    assert error is not None
    assert error.id == "git-ref-missing"
    assert "main" in error.message


@pytest.mark.parametrize(("key", "fine"), [("dags.bundle.items[0]", True), ("dags.git", False)])
def test_only_bundles_take_a_shortened_commit(key, fine):
    error = refusal(replace(TARGET, key=key, ref="0a1b2c3"), {"code": 0, "said": "", "found": 0}, "airflow")
    assert (error is None) is fine


def test_keys_that_the_secret_lacks_are_named():
    error = refusal(TARGET, {"missing": ["password"]}, "team")
    assert error is not None
    assert error.id == "git-secret-incomplete"
    assert "--from-literal=password" in error.fix
    assert "-n team" in error.fix


def test_a_ca_that_is_not_there_is_named():
    error = refusal(TARGET, {"missing": ["ca.crt"]}, "team")
    assert error is not None
    assert (error.id, "git-ca" in error.message) == ("git-ca-missing", True)
