"""Regular expressions for names and sizes in Kubernetes, git and image registries.

Helm compiles them with RE2, which has no look-ahead.
"""

from __future__ import annotations

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_WORD = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_FOLDER = r"\.{0,2}[^/.\n][^/\n]*"
_PATH_STEP = r"\.{0,2}[^/.:\s][^/:\s]*"
_BYTES = "k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei"
_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_SERVER = r"([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:[0-9]+)?"

NAMESPACE = rf"^({_LABEL})?$"
OBJECT = rf"{_LABEL}(\.{_LABEL})*"
OPTIONAL_OBJECT = rf"^({OBJECT})?$"
LABEL_KEY = rf"^({OBJECT}/)?{_WORD}$"
# Kubernetes converts annotation keys to lower case before it checks them.
ANNOTATION_KEY = rf"^([A-Za-z0-9][-A-Za-z0-9.]*/)?{_WORD}$"
LABEL_VALUE = rf"^({_WORD})?$"
DATA_KEY = r"^[-._A-Za-z0-9]+$"
ENV_NAME = r"^[-._A-Za-z][-._A-Za-z0-9]*$"
FILE_STEM = r"^[A-Za-z0-9_][-._A-Za-z0-9]*$"
SETTING = r"^[A-Za-z_][A-Za-z0-9_.]*$"

PERCENT = r"^(100|[0-9]{1,2})%$"

# Greater than 0: Kubernetes refuses a claim of 0 bytes.
SIZE = rf"^([0-9]*[1-9][0-9]*(\.[0-9]+)?|0+\.[0-9]*[1-9][0-9]*)({_BYTES})?$"
OPTIONAL_SIZE = rf"^(({SIZE[1:-1]}))?$"
AMOUNT = rf"^([0-9]+(\.[0-9]*)?|\.[0-9]+)(n|u|m|{_BYTES}|[eE][-+]?[0-9]+)?$"
# Without `m`: Kubernetes reads 512m of memory as half a byte, and the container cannot start.
AMOUNT_OF_BYTES = rf"^([0-9]+(\.[0-9]*)?|\.[0-9]+)({_BYTES}|[eE][+]?[0-9]+)?$"

_NAME = rf"({_SERVER}/)?{_PART}(/{_PART})*"
_TAG = r"[A-Za-z0-9_][-.A-Za-z0-9_]{0,127}"
_DIGEST = "(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})"
IMAGE = rf"^({_NAME})?$"
TAG = rf"^({_TAG})?$"
DIGEST = rf"^{_DIGEST}?$"
REFERENCE = rf"^({_NAME}(:{_TAG})?(@{_DIGEST})?)?$"

ABSOLUTE = rf"^(/{_PATH_STEP})+/?$"
FOLDER_OF_CLAIM = rf"^({_FOLDER}(/{_FOLDER})*/?)?$"
FOLDER_OF_REPOSITORY = rf"^/?({_FOLDER}(/{_FOLDER})*)?/?$"

# Kubernetes refuses addresses as hosts of an Ingress; no top-level domain begins with a digit.
HOST = rf"^(\*\.)?({_LABEL}\.)*[a-z]([-a-z0-9]*[a-z0-9])?$"
_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_BYTE}(\.{_BYTE}){{3}}"
_IPV6 = "[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f]*"
OPTIONAL_ADDRESS = rf"^({_IPV4}|{_IPV6})?$"
NETWORK = rf"^({_IPV4}/(3[0-2]|[12]?[0-9])|{_IPV6}/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$"

NO_SPACE = r"^\S*$"
GIT_REF = r"^([^-\s~^:?*\[\\][^\s~^:?*\[\\]*)?$"
HTTP_ADDRESS = r"^(https?://\S+)?$"
CONNECTION = r"^[-A-Za-z0-9_#!().:/\\]*$"
AUTH_MANAGER = r"^(fab|simple|keycloak|[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+)$"
# Airflow separates name and role by a colon, users by commas, and expands $NAME.
SIMPLE_USER = r"^[A-Za-z0-9][-A-Za-z0-9._@+]*$"
APP_ID = r"^[A-Za-z0-9._-]*$"
DIGITS = r"^[0-9]*$"
MAIL = r"^[^@\s]+@[^@\s]+$"


def _cron_field(number: str, names: str = "") -> str:
    """Return one field of a cron expression: a list of *, numbers and ranges, each with an optional step."""
    one = f"({number}|{names})" if names else f"({number})"
    part = rf"([*?]|{one}(-{one})?)(/[1-9][0-9]?)?"
    return f"{part}(,{part})*"


def _any_case(words: str) -> str:
    return "".join(f"[{char}{char.upper()}]" if char.isalpha() else char for char in words)


_MONTHS = _any_case("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec")
_DAYS = _any_case("sun|mon|tue|wed|thu|fri|sat")
_CRON_FIELDS = (
    _cron_field("[0-5]?[0-9]"),
    _cron_field("[01]?[0-9]|2[0-3]"),
    _cron_field("0?[1-9]|[12][0-9]|3[01]"),
    _cron_field("0?[1-9]|1[0-2]", _MONTHS),
    _cron_field("0?[0-6]", _DAYS),
)
# As Kubernetes reads it: five fields, or one word.
CRON = rf"^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|{' +'.join(_CRON_FIELDS)})$"
TIME_ZONE = r"^([A-Z][-A-Za-z0-9_+]*(/[A-Z][-A-Za-z0-9_+]*)*)?$"
TABLE = r"^[a-z_][a-z0-9_]*$"
