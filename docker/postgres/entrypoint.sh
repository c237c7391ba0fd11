#!/bin/sh
# Speaks the contract of the official PostgreSQL image, as far as a single-node database needs it:
#   POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, each also as NAME_FILE; POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD,
#   PGDATA; scripts in /docker-entrypoint-initdb.d run once, when the data directory is made; any uid; a read-only root
#   file system with /var/run/postgresql and /tmp writable.
set -eu

die() {
  echo "postgres entrypoint: $*" >&2
  exit 1
}

# from_file NAME DEFAULT: set $NAME from the file named by $NAME_FILE, else from itself, else to DEFAULT.
from_file() {
  eval "value=\${$1:-} file=\${$1_FILE:-}"
  if [ -n "$value" ] && [ -n "$file" ]; then die "set $1 or $1_FILE, not both"; fi
  # The shell strips the trailing newline of the file, which is what people mean.
  if [ -n "$file" ]; then value="$(cat "$file")"; fi
  [ -n "$value" ] || value="$2"
  eval "$1=\$value"
}

if [ "$#" -eq 0 ]; then set -- postgres; fi
case "$1" in -*) set -- postgres "$@" ;; esac
if [ "$1" != postgres ]; then exec "$@"; fi

export PGDATA="${PGDATA:-/var/lib/postgresql/data}"
mkdir -p "$PGDATA"
if [ "$(id -u)" = 0 ]; then
  # The server refuses to run as root: own the data, then start over as the image's own user.
  chown postgres:postgres /var/run/postgresql
  find "$PGDATA" ! -user postgres -exec chown postgres:postgres {} +
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
# Refused where the volume's root is another's (fsGroup). The server judges the mode itself, and says so.
chmod 0700 "$PGDATA" 2>/dev/null || true

# A uid without a passwd entry (OpenShift, runAsUser) makes initdb and psql stop: give it a name for this process tree.
if ! id -un >/dev/null 2>&1; then
  names="$(mktemp -d)"
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$names/passwd"
  echo "postgres:x:$(id -g):" >"$names/group"
  export NSS_WRAPPER_PASSWD="$names/passwd" NSS_WRAPPER_GROUP="$names/group"
  LD_PRELOAD="$(echo /usr/lib/*/libnss_wrapper.so)"
  export LD_PRELOAD
fi

run_hooks() {
  # shellcheck disable=SC1090
  for hook in /docker-entrypoint-initdb.d/*; do
    case "$hook" in
      *.sh) if [ -x "$hook" ]; then "$hook"; else . "$hook"; fi ;;
      *.sql) psql -X -v ON_ERROR_STOP=1 --no-password -f "$hook" ;;
      *.sql.gz) gunzip -c "$hook" | psql -X -v ON_ERROR_STOP=1 --no-password ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) echo "postgres entrypoint: ignoring $hook" >&2 ;;
    esac
  done
}

initialise() {
  from_file POSTGRES_PASSWORD ""
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  method="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}"
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$method" != trust ]; then
    die "a new database needs POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE"
  fi
  # Made beside its final place and renamed: a pod killed in the middle starts again with a clean directory.
  final="$PGDATA"
  PGDATA="$final/.new"
  # What an interrupted attempt left, some of it perhaps moved already; the caller made sure that it is ours.
  find "$final" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
  # Never in argv, where any process of the pod could read it.
  secret="$(mktemp)"
  printf '%s\n' "$POSTGRES_PASSWORD" >"$secret"
  set -- --username="$POSTGRES_USER"
  if [ -n "$POSTGRES_PASSWORD" ]; then set -- "$@" --pwfile="$secret"; fi
  # Debian's initdb makes an SQL_ASCII database unless told otherwise. User arguments come last and win.
  # shellcheck disable=SC2086  # a list of options, split at blanks as the official image does
  initdb -E UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host="$method" "$@" ${POSTGRES_INITDB_ARGS:-}
  rm -f "$secret"
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  printf "\nlisten_addresses = '*'\njit = off\n" >>"$PGDATA/postgresql.conf"

  # The first server listens on a socket only: nobody may connect before the database is complete.
  pg_ctl -w -o "-c listen_addresses='' -c unix_socket_directories=/var/run/postgresql" start
  export PGHOST=/var/run/postgresql PGUSER="$POSTGRES_USER" PGDATABASE=postgres
  if [ "$POSTGRES_DB" != postgres ]; then
    echo 'CREATE DATABASE :"db";' | psql -X -v ON_ERROR_STOP=1 -v db="$POSTGRES_DB" --no-password
  fi
  export PGDATABASE="$POSTGRES_DB" POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD
  run_hooks
  pg_ctl -w -m fast stop
  unset PGHOST PGUSER PGDATABASE

  # PG_VERSION moves last: only a complete directory carries it.
  find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv {} "$final"/ \;
  mv "$PGDATA/PG_VERSION" "$final"/
  rmdir "$PGDATA"
  export PGDATA="$final"
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # lost+found is what a fresh block volume holds; anything else is not ours to overwrite, but for our own leftovers.
  find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .new -exec false {} + \
    || [ -e "$PGDATA/.new" ] || die "$PGDATA holds files but no PG_VERSION; refusing to make a database there"
  initialise
fi
unset POSTGRES_PASSWORD

exec "$@"
