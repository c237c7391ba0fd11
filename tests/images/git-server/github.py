"""A STAND-IN for the one call of GitHub's API that a GitHub App makes to read a repository. Not GitHub.

POST /api/v3/app/installations/ID/access_tokens with a claim signed by the App's key gives a token, which git then shows
as the password of `x-access-token`. Strict as GitHub is: the signature is held against the App's public key (`modulus`
of the Secret, hexadecimal, exponent 65537), `iss` and ID against `app`; a claim that is from the future, is over, or is
good for more than ten minutes is refused.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time

PATH = re.compile(r"/api/v3/app/installations/(\w+)/access_tokens")
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
EXPONENT = 65537
MOST_SECONDS = 600
TOKENS = set()
"""Tokens that were handed out, for as long as the server runs."""


def part(text):
    """Decode a part of a JSON web token."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(text, signature, modulus):
    """Tell whether an RS256 signature is right (RFC 8017, 8.2.2)."""
    size = (modulus.bit_length() + 7) // 8
    digest = SHA256_INFO + hashlib.sha256(text.encode()).digest()
    wanted = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    given = pow(int.from_bytes(signature, "big"), EXPONENT, modulus).to_bytes(size, "big")
    return hmac.compare_digest(given, wanted)


def refusal(installation, authorization, app, modulus):
    """Return why a request gets no token, or ""."""
    kind, _, token = authorization.partition(" ")
    parts = token.split(".")
    if kind != "Bearer" or len(parts) != 3:
        return "no bearer token"
    if json.loads(part(parts[0])).get("alg") != "RS256":
        return "not signed by RS256"
    if not signed(".".join(parts[:2]), part(parts[2]), modulus):
        return "the signature does not fit the App's key"
    claim, now = json.loads(part(parts[1])), time.time()
    if claim["iss"] != app["id"] or installation != app["installation"]:
        return "no such App or installation"
    if claim["iat"] > now or claim["exp"] < now or claim["exp"] - now > MOST_SECONDS:
        return "the claim's times do not fit"
    return ""


def answer(path, authorization, secret):
    """Answer a request for a token.

    Args:
        path: Path of the request.
        authorization: Its header.
        secret: Folder with `app` (JSON with id and installation) and `modulus`.

    Returns:
        Status and body, or None where the path is another one.
    """
    found = PATH.fullmatch(path)
    if not found:
        return None
    app, modulus = json.loads((secret / "app").read_text()), int((secret / "modulus").read_text(), 16)
    why = refusal(found[1], authorization, app, modulus)
    if why:
        return 401, {"message": why}
    token = f"ghs_{secrets.token_hex(18)}"
    TOKENS.add(token)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return 201, {"token": token, "expires_at": until}
