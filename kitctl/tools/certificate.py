"""When an X.509 certificate expires: the one field that is read, so no library of cryptography is needed."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

_UTC_TIME, _CONTEXT_0 = 0x17, 0xA0


def expires(pem: str) -> datetime | None:
    """Return the end of the validity of the first certificate in a text, None if there is none that can be read."""
    begin, end = pem.find(ssl.PEM_HEADER), pem.find(ssl.PEM_FOOTER)
    if begin < 0 or end < begin:
        return None
    try:
        der = ssl.PEM_cert_to_DER_cert(pem[begin : end + len(ssl.PEM_FOOTER)] + "\n")
        return _not_after(der)
    except (ValueError, IndexError):
        return None


def _not_after(der: bytes) -> datetime:
    """Walk through Certificate → tbsCertificate → [version], serial, signature, issuer, validity → its second time."""
    _, begin, _ = _element(der, 0)
    _, at, _ = _element(der, begin)
    tag, _, after = _element(der, at)
    skipped = 3 if tag == _CONTEXT_0 else 2
    at = after
    for _ in range(skipped):
        _, _, at = _element(der, at)
    _, first, _ = _element(der, at)
    _, _, second = _element(der, first)
    tag, begin, end = _element(der, second)
    text = der[begin:end].decode("ascii")
    if tag == _UTC_TIME:
        # Years of two digits: 50 to 99 are of the last century (RFC 5280).
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Return tag, begin and end of the content of the element at a place."""
    tag, length, begin = der[at], der[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + count], "big"), begin + count
    return tag, begin, begin + length
