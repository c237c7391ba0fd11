"""When certificates end; OpenSSL, by which they are made here, tells it itself."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitctl.tools.certificate import expires
from kitctl.tools.process import run


def made(folder: Path, days: int) -> str:
    cert, key = folder / "c.pem", folder / "k.pem"
    subject = ("-subj", f"/CN={'x' * 60}", "-days", str(days))
    run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert), *subject])
    return cert.read_text()


@pytest.mark.parametrize("days", [1, 400, 20000, 40000])  # also beyond 2049, from where on years have four digits
def test_the_end_is_what_openssl_says(tmp_path, days):
    pem = made(tmp_path, days)
    said = run(["openssl", "x509", "-noout", "-enddate"], input_text=pem).stdout.strip().removeprefix("notAfter=")
    assert expires(f"# a bundle\n{pem}\n{pem}") == datetime.strptime(said, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_has_no_end(text):
    assert expires(text) is None
