#!/bin/sh
# Speaks the contract of the official RabbitMQ image: root becomes the image's user and owns the data; any uid; a read-only root
# file system; variables RABBITMQ_… and files in /etc/rabbitmq/conf.d. Anything but rabbitmq… is a command.
set -eu

if [ "$#" -eq 0 ]; then set -- rabbitmq-server; fi
case "$1" in
  rabbitmq*)
    if [ "$(id -u)" = 0 ]; then
      if [ "$1" = rabbitmq-server ]; then find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq:rabbitmq {} +; fi
      exec setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups "$0" "$@"
    fi
    ;;
esac
# A name with dots is a long one for Erlang.
if [ -z "${RABBITMQ_USE_LONGNAME:-}" ] && [ "$(hostname)" != "$(hostname -s)" ]; then
  export RABBITMQ_USE_LONGNAME=true
fi
exec "$@"
