"""What a build inherits from this machine's network: its CA bundle, its package indexes, its proxies.

Company networks (and CI machines behind a mirror) have a CA of their own. It reaches apt, pip and uv as a build secret,
so that no layer of the image trusts or names anything of the machine that built it.
"""

from __future__ import annotations

import configparser
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl.errors import ExitCode, KitError

_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
_INDEX = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_STRATEGY",
)
_PROXY = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


def ca_bundle(chosen: Path | None = None) -> Path | None:
    """Find the certificates that this machine trusts.

    Args:
        chosen: What the user named; it wins over SSL_CERT_FILE, REQUESTS_CA_BUNDLE and the system's bundle.

    Returns:
        A PEM file, or None where the machine has none.

    Raises:
        KitError: `ca-bundle-missing` when the named file is not there or holds no certificate.
    """
    if chosen is not None:
        if not chosen.is_file() or "BEGIN CERTIFICATE" not in chosen.read_text(errors="replace"):
            raise KitError(
                "ca-bundle-missing",
                f"{chosen} is not a CA bundle",
                cause="It must be a file of certificates in PEM form",
                fix="--ca-bundle FILE    # or leave it out to use this machine's certificates",
                code=ExitCode.USAGE,
            )
        return chosen.resolve()
    named = [os.environ.get(key, "") for key in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")]
    return next((Path(p) for p in [*named, *_BUNDLES] if p and Path(p).is_file()), None)


def exports() -> dict[str, str]:
    """Return the variables that pip, uv and apt need inside a build.

    Returns:
        Package indexes, of the environment or else of pip's own files, and proxies in both spellings.
    """
    found = {key: os.environ[key] for key in _INDEX if os.environ.get(key)}
    if "PIP_INDEX_URL" not in found and (url := _pip_files().get("index-url")):
        found["PIP_INDEX_URL"] = url
    if "PIP_EXTRA_INDEX_URL" not in found and (url := _pip_files().get("extra-index-url")):
        found["PIP_EXTRA_INDEX_URL"] = " ".join(url.split())
    # uv reads only its own names; a user of pip's names means both.
    if "UV_DEFAULT_INDEX" not in found and "PIP_INDEX_URL" in found:
        found["UV_DEFAULT_INDEX"] = found["PIP_INDEX_URL"]
    if "UV_INDEX" not in found and "PIP_EXTRA_INDEX_URL" in found:
        found["UV_INDEX"] = found["PIP_EXTRA_INDEX_URL"]
    for key in _PROXY:
        if value := os.environ.get(key) or os.environ.get(key.upper()):
            found[key] = found[key.upper()] = value
    return found


@contextmanager
def secrets(chosen_bundle: Path | None = None) -> Iterator[dict[str, Path]]:
    """Yield the build's secrets: `net` (a shell file, 0600, gone afterwards) and `ca` where there is a bundle."""
    with TemporaryDirectory(prefix="kitctl-build-") as folder:
        net = Path(folder) / "net"
        with os.fdopen(os.open(net, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            # An empty file would be refused as a secret by some builders.
            out.write("# indexes and proxies of this build\n")
            out.writelines(f"export {key}={shlex.quote(value)}\n" for key, value in sorted(exports().items()))
        found = {"net": net}
        if bundle := ca_bundle(chosen_bundle):
            found["ca"] = bundle
        yield found


def _pip_files() -> dict[str, str]:
    """Read the [global] section of pip's configuration files, later files winning as in pip."""
    home = Path.home()
    places = [
        Path("/etc/pip.conf"),
        Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf",
        home / ".pip" / "pip.conf",
        Path(os.environ.get("PIP_CONFIG_FILE") or os.devnull),
    ]
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(p for p in places if p.is_file())
    except configparser.Error:
        return {}
    return dict(parser["global"]) if parser.has_section("global") else {}
