#!/bin/sh
# Starts the broker by the entrypoint of its image, with the password of the release. Arguments: lines of the configuration
# file. Runs in every shell: official images are made of Debian or of Alpine.
set -eu
die() {
  echo "ERROR: $*" >&2
  exit 1
}
password="$(cat /run/secrets/kit/broker-password)"
[ -n "$password" ] || die "the key broker-password is empty; a broker without a password would be open to every pod"
case "$password" in
  *'
'*) die "the key broker-password has several lines; a password is one line" ;;
esac
# Only the hash is written: any character in the password works, and no command line shows it.
hash="$(printf %s "$password" | sha256sum | cut -d ' ' -f 1)"
umask 077
{
  echo "user default on #$hash ~* &* +@all"
  echo "dir /data"
  for line in "$@"; do printf '%s\n' "$line"; done
} >/run/kit/redis.conf
server=valkey-server
command -v "$server" >/dev/null 2>&1 || server=redis-server
exec docker-entrypoint.sh "$server" /run/kit/redis.conf
