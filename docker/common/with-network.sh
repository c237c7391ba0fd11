#!/bin/sh
# with-network.sh COMMAND... : run pip or uv with the build's optional secrets: ca (a CA bundle) and net (index URLs, proxies).
set -eu
# shellcheck disable=SC1091
if [ -r /run/secrets/net ]; then . /run/secrets/net; fi
if [ -s /run/secrets/ca ]; then
  export SSL_CERT_FILE=/run/secrets/ca REQUESTS_CA_BUNDLE=/run/secrets/ca PIP_CERT=/run/secrets/ca CURL_CA_BUNDLE=/run/secrets/ca
fi
exec "$@"
