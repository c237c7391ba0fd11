#!/bin/sh
# Starts the broker by the entrypoint of its image, with the user and the password of the release. Arguments: lines of the
# configuration file. Runs in every shell: official images are made of Ubuntu or of Alpine.
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
bytes() { # prints the bytes that pairs of hexadecimal digits mean
  for pair in $(echo "$1" | sed 's/../& /g'); do
    # shellcheck disable=SC2059  # the format is the byte
    printf "\\$(printf %03o "0x$pair")"
  done
}
# Only a salted hash is written: any character in the password works, and no command line shows it.
salt="$(od -An -tx1 -N4 /dev/urandom | tr -d ' \n')"
hash="$({ bytes "$salt" && printf %s "$password"; } | sha256sum | cut -d ' ' -f 1)"
hash="$(bytes "$salt$hash" | base64 | tr -d '\n')"
umask 077
# Read at each start, so that a new password in the Secret counts. A server with definitions makes no user `guest`.
cat >/run/kit/definitions.json <<END
{"vhosts": [{"name": "airflow"}],
 "users": [{"name": "airflow", "password_hash": "$hash", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}],
 "permissions": [{"user": "airflow", "vhost": "airflow", "configure": ".*", "write": ".*", "read": ".*"}]}
END
{
  echo "load_definitions = /run/kit/definitions.json"
  for line in "$@"; do printf '%s\n' "$line"; done
} >/run/kit/rabbitmq.conf
# Plugins of the image are off: Airflow needs none of them, and each opens a port.
echo '[].' >/run/kit/enabled_plugins
# epmd, which Erlang starts, closes each file that it might have open; some container runtimes allow a billion.
# shellcheck disable=SC3045  # the shells of the official images have it
ulimit -Sn 65536 2>/dev/null || true
exec docker-entrypoint.sh rabbitmq-server
