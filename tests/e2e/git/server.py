"""The git server inside the cluster, as the tests drive it: push, rewrite, go away, come back, change the password."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from kitctl import clusters
from tests.e2e.git import images
from tests.e2e.kit import CLUSTER, Kit, run, wait_for

NAMESPACE = "e2e-git-server"
HOST = f"git.{NAMESPACE}.svc.cluster.local"
APP = {"id": "4711", "installation": "815"}
"""The GitHub App that the stand-in of GitHub's API knows."""
MANIFEST = Path(__file__).with_name("server.yaml")
# git of the machine that runs the tests must look at nothing of its user's.
_ENV = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
_ENV |= {f"GIT_{who}_{what}": "e2e" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass
class GitServer:
    """One server, one of its repositories, and the checkout that the tests push from.

    Attributes:
        kit: Runs kubectl.
        folder: Working folder: keys, certificate, checkout.
        password: Password of the user `git`, with characters that need quoting everywhere.
        port: NodePort of its HTTP side.
        repository: Name of the repository.
    """

    kit: Kit
    folder: Path
    password: str = "p@ss w:rd$1/%2F"
    port: int = 0
    repository: str = "dags"
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        self.work = self.folder / f"checkout-{self.repository}"

    @property
    def https(self) -> str:
        """Address of the repository with password."""
        return f"https://{HOST}:8443/{self.repository}.git"

    @property
    def ssh(self) -> str:
        """Address of the repository by key."""
        return f"ssh://git@{HOST}:2222/srv/git/{self.repository}.git"

    @property
    def plain(self) -> str:
        """Address of the repository for anybody."""
        return f"git://{HOST}:9418/{self.repository}.git"

    def other(self, repository: str) -> GitServer:
        """Return another repository of this server."""
        return replace(self, repository=repository)

    def start(self, image: str) -> None:
        """Make keys and certificate, and start the server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        certificate = ["-keyout", "tls.key", "-out", "tls.crt", "-days", "2", "-subj", f"/CN={HOST}"]
        options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        names = ["-addext", f"subjectAltName=DNS:{HOST}"]
        run(["openssl", "req", "-x509", *options, *certificate, *names], timeout=30, cwd=self.folder).ok()
        for name in ("host", "client"):
            if not (self.folder / name).exists():
                self.ssh_key(name)
        key = " ".join((self.folder / "host.pub").read_text().split()[:2])
        (self.folder / "known_hosts").write_text(f"[{HOST}]:2222 {key}\n")
        manifest = MANIFEST.read_text().replace("IMAGE", image)
        self.kit.kubectl("apply", "-f", "-", namespace=NAMESPACE, text=manifest).ok()
        self.secret()
        self.kit.kubectl("rollout", "restart", "deployment/git", namespace=NAMESPACE).ok()
        self.ready()
        found = self.kit.kubectl("get", "service", "git", "-o", "json", namespace=NAMESPACE).ok().json
        self.port = next(p["nodePort"] for p in found["spec"]["ports"] if p["name"] == "http")

    def ssh_key(self, name: str) -> None:
        """Make a pair of keys, in place of one that there is."""
        for file in (name, f"{name}.pub"):
            (self.folder / file).unlink(missing_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], timeout=30).ok()

    def secret(self) -> None:
        """Write the server's Secret as things stand."""
        texts = {
            "tls.crt": "tls.crt",
            "tls.key": "tls.key",
            "ssh-host-key": "host",
            "authorized-keys": "client.pub",
        }
        data = {key: (self.folder / file).read_text() for key, file in texts.items()}
        data |= {"app": json.dumps(APP), "modulus": self.app_modulus()}
        self.apply_secret(NAMESPACE, "git-server", {**data, "password": self.password})

    def app_modulus(self) -> str:
        """Return the public half of the GitHub App's key, making the key the first time."""
        key = self.folder / "app.pem"
        if not key.exists():
            run(["openssl", "genrsa", "-out", key, "2048"], timeout=60).ok()
        found = run(["openssl", "rsa", "-in", key, "-noout", "-modulus"], timeout=30).ok().out
        return found.strip().removeprefix("Modulus=")

    def apply_secret(self, namespace: str, name: str, data: dict[str, str]) -> None:
        """Make or change a Secret."""
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
        self.kit.kubectl("apply", "-f", "-", namespace=namespace, text=json.dumps(body)).ok()

    def credentials(self, namespace: str) -> None:
        """Give a release what it needs to read by password and by key, and the CA to trust."""
        self.apply_secret(namespace, "git-https", {"username": "git", "password": self.password})
        key, hosts = (self.folder / "client").read_text(), (self.folder / "known_hosts").read_text()
        self.apply_secret(namespace, "git-ssh", {"ssh-key": key, "known-hosts": hosts})
        self.apply_secret(namespace, "git-app", {"github-app-private-key": (self.folder / "app.pem").read_text()})
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "git-ca"}}
        text = json.dumps({**body, "data": {"ca.crt": (self.folder / "tls.crt").read_text()}})
        self.kit.kubectl("apply", "-f", "-", namespace=namespace, text=text).ok()

    def forget_credentials(self, namespace: str) -> None:
        """Take away what `credentials` gave, so that `down --volumes` finds nothing of others in the namespace."""
        things = ["secret/git-https", "secret/git-ssh", "secret/git-app", "configmap/git-ca"]
        self.kit.kubectl("delete", "--ignore-not-found", *things, namespace=namespace).ok()

    def ready(self) -> None:
        """Wait until it answers."""
        words = ["rollout", "status", "deployment/git", "--timeout=120s"]
        self.kit.kubectl(*words, namespace=NAMESPACE, timeout=150).ok()

    def scale(self, replicas: int) -> None:
        """Take the server away (0), or bring it back (1) with all that was ever pushed."""
        self.kit.kubectl("scale", "deployment/git", f"--replicas={replicas}", namespace=NAMESPACE).ok()
        if replicas:
            self.ready()
            self.push()
        else:
            gone = ["wait", "pod", "-l", "name=git", "--for=delete", "--timeout=60s"]
            self.kit.kubectl(*gone, namespace=NAMESPACE, timeout=90).ok()

    def rotate(self, password: str) -> None:
        """Change the password; the old one is refused at once."""
        self.password = password
        self.restart()

    def rotate_ssh_key(self) -> None:
        """Let another key in, and the old one no more."""
        self.ssh_key("client")
        self.restart()

    def rotate_app_key(self) -> None:
        """Give the GitHub App another key; the old one is refused at once."""
        (self.folder / "app.pem").unlink()
        self.restart()

    def restart(self) -> None:
        """Start the server anew with the Secret as things stand, and push what it lost."""
        self.secret()
        self.scale(0)
        self.scale(1)

    def git(self, *words: str) -> str:
        """Run git in the checkout."""
        return run(["git", *words], timeout=60, cwd=self.work, env=_ENV).ok().out.strip()

    def commit(self, files: dict[str, str | None], *, amend: bool = False) -> str:
        """Write files (None removes one), commit and push; return the commit.

        Args:
            files: Path in the repository → text.
            amend: Rewrite history: the last commit is replaced, and the push forced.
        """
        if not (self.work / ".git").exists():
            self.work.mkdir(parents=True)
            self.git("init", "-q", "-b", "main")
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "e2e", *(["--amend"] if amend else []))
        self.push()
        return self.git("rev-parse", "HEAD")

    def push(self) -> None:
        """Push by force, through the NodePort."""
        address = clusters.get("node", CLUSTER).node_port_address(self.port)
        url = f"http://git:{quote(self.password, safe='')}@{address}/{self.repository}.git"

        def pushed() -> bool:
            argv = ["git", "-c", "http.proxy=", "push", "-q", "--force", "--tags", url, "main"]
            return run(argv, timeout=60, cwd=self.work, env={**_ENV, "no_proxy": "*"}).code == 0

        wait_for("the push to get through", pushed, timeout=30)


def server(kit: Kit, folder: Path) -> GitServer:
    """Start a git server in the cluster of the tests."""
    image = images.git_server()
    images.load(CLUSTER, image)
    made = GitServer(kit, folder)
    made.start(image)
    return made
