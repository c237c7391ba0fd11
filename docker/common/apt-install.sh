#!/bin/sh
# apt-install.sh PACKAGE... : install Debian packages and leave no list, cache or log behind.
# Reads the build's optional secrets: ca (a CA bundle for https mirrors) and net (proxies).
set -eu
# shellcheck disable=SC1091
if [ -r /run/secrets/net ]; then . /run/secrets/net; fi

apt() {
  if [ -s /run/secrets/ca ]; then set -- -o Acquire::https::CAInfo=/run/secrets/ca "$@"; fi
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@"
}

apt update
apt --no-install-recommends -y install "$@" >/dev/null
apt clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/* \
  /usr/share/doc/* /usr/share/man/* /usr/share/info/* /usr/share/locale/* /usr/share/lintian/*
