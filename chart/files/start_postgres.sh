#!/bin/sh
# Starts PostgreSQL by the entrypoint of its image, unless another major version wrote the data. Arguments: those of the
# entrypoint. Runs in every shell: official images are made of Debian or of Alpine.
set -eu
found=""
if [ -e "$PGDATA/PG_VERSION" ]; then found="$(cat "$PGDATA/PG_VERSION")"; fi
image="$(postgres --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')"
if [ -n "$found" ] && [ "$found" != "$image" ]; then
  echo "ERROR: PostgreSQL $found wrote the data in $PGDATA, and this image has PostgreSQL $image, which cannot read it." >&2
  echo "Nothing was changed. To go on with the data as it is: postgres.image.tag=$found" >&2
  echo "To move it to PostgreSQL $image, dump it with $found and restore it with $image: docs/postgres.md" >&2
  exit 1
fi
exec docker-entrypoint.sh "$@"
