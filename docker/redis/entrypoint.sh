#!/bin/sh
# Speaks the contract of the official Valkey image: options or a file that ends in .conf mean the server, anything else is a
# command; VALKEY_EXTRA_FLAGS adds options; root becomes the image's user and owns /data; any uid; a read-only root file system.
set -eu

if [ "$#" -eq 0 ]; then set -- valkey-server; fi
case "$1" in -* | *.conf) set -- valkey-server "$@" ;; esac

case "$1" in
  valkey-server | redis-server)
    if [ "$(id -u)" = 0 ]; then
      find . ! -user valkey -exec chown valkey:valkey {} +
      exec setpriv --reuid=valkey --regid=valkey --clear-groups "$0" "$@"
    fi
    # Its files are nobody else's.
    if [ "$(umask)" = 0022 ]; then umask 0077; fi
    # shellcheck disable=SC2086  # a list of options, split at blanks as the official image does
    exec "$@" ${VALKEY_EXTRA_FLAGS:-}
    ;;
esac
exec "$@"
