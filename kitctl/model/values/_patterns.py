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
APP_ID = r"^[A-Za-z0-9._-]*$"
DIGITS = r"^[0-9]*$"
MAIL = r"^[^@\s]+@[^@\s]+$"
