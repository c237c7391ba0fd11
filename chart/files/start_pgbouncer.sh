#!/bin/sh
# Starts PgBouncer with the user and password of the database, which it writes into files in memory. Arguments: lines of the
# section [pgbouncer] that win over those below. Runs in every shell, and needs no other program than cat and sleep.
set -eu
secrets=/run/secrets/kit
run=/run/kit
nl='
'
die() {
  echo "ERROR: $*" >&2
  exit 1
}

# Sets `text` to the line in a file, without the newline at its end that editors and `echo` add.
read_line() {
  text="$(cat "$secrets/$1" && printf x)" || die "$1 cannot be read"
  text="${text%x}"
  text="${text%"$nl"}"
  case "$text" in *"$nl"*) die "$1 has several lines; it must be one line" ;; esac
}

# Sets `text` to the second argument, in which each of the first character is doubled: so PgBouncer quotes it.
double() {
  text=
  rest="$2"
  while :; do
    case "$rest" in *"$1"*) ;; *) break ;; esac
    text="$text${rest%%"$1"*}$1$1"
    rest="${rest#*"$1"}"
  done
  text="$text$rest"
}

# Sets `text` to a part of a URL, without its percent-encoding.
decode() {
  text=
  rest="$1"
  while :; do
    case "$rest" in *%[0-9A-Fa-f][0-9A-Fa-f]*) ;; *) break ;; esac
    text="$text${rest%%\%*}"
    rest="${rest#*%}"
    case "$rest" in
      0[Aa]* | 0[Dd]* | 00*) die "[database-url-unfit] the URL of the database contains a line break" ;;
      [0-9A-Fa-f][0-9A-Fa-f]*)
        code="${rest%"${rest#??}"}"
        rest="${rest#??}"
        # Without the x, a newline or a part of a character could be lost.
        # shellcheck disable=SC2059  # the format is an octal number
        text="$text$(printf "\\$(printf %03o "0x$code")x")"
        text="${text%x}"
        ;;
      *) text="$text%" ;;
    esac
  done
  text="$text$rest"
}

# Sets host, port, name, user and password by a URL, and adds settings for its options.
read_url() {
  scheme="${1%%://*}"
  case "$1" in *://*) ;; *) die "[database-url-unfit] the text in the Secret is not a URL, such as postgresql://…" ;; esac
  case "$scheme" in
    postgres | postgresql | postgresql+*) ;;
    *) die "[database-not-postgresql] the URL is one of $scheme; PgBouncer and Airflow need PostgreSQL" ;;
  esac
  url="${1#*://}"
  options=
  case "$url" in *\?*) options="${url#*\?}" url="${url%%\?*}" ;; esac
  address="${url%%/*}"
  name=
  case "$url" in */*) decode "${url#*/}" && name="$text" ;; esac
  login=
  case "$address" in *@*) login="${address%@*}" address="${address##*@}" ;; esac
  decode "${login%%:*}"
  user="$text"
  case "$login" in *:*) decode "${login#*:}" && password="$text" ;; esac
  port=5432
  case "$address" in
    *,*) die "[database-url-unfit] the URL names several hosts; PgBouncer needs one, such as that of a Service" ;;
    \[*\]:*) port="${address##*:}" host="${address%]:*}" && host="${host#[}" ;;
    \[*\]) host="${address%]}" && host="${host#[}" ;;
    *:*) port="${address##*:}" host="${address%:*}" ;;
    *) host="$address" ;;
  esac
  for part in host name user; do
    eval "[ -n \"\$$part\" ]" || die "[database-url-unfit] the URL has no $part"
  done
  case "$port" in '' | *[!0-9]*) die "[database-url-unfit] the port in the URL is not a number" ;; esac
  while [ -n "$options" ]; do
    decode "${options%%&*}"
    case "$text" in
      sslmode=*) tls="$tls${nl}server_tls_sslmode = ${text#*=}" ;;
      sslrootcert=*) tls="$tls${nl}server_tls_ca_file = ${text#*=}" ;;
      sslcert=*) tls="$tls${nl}server_tls_cert_file = ${text#*=}" ;;
      sslkey=*) tls="$tls${nl}server_tls_key_file = ${text#*=}" ;;
      *) die "[database-url-option] PgBouncer cannot pass on the option ${text%%=*} of the URL" ;;
    esac
    case "$options" in *\&*) options="${options#*&}" ;; *) options= ;; esac
  done
}

tls="server_tls_sslmode = prefer"
password=
if [ -e "$secrets/database-url" ]; then
  read_line database-url
  read_url "$text"
else
  host="$KIT_DATABASE_HOST" port="$KIT_DATABASE_PORT" name="$KIT_DATABASE_NAME" user="$KIT_DATABASE_USER"
fi
if [ -e "$secrets/database-user" ]; then read_line database-user && user="$text"; fi
if [ -e "$secrets/postgres-password" ]; then read_line postgres-password && password="$text"; fi
[ -n "$password" ] || die "the password of the database is empty; PgBouncer asks its clients for it"

umask 077
double '"' "$user" && listed="\"$text\""
double '"' "$password" && printf '%s "%s"\n' "$listed" "$text" >"$run/userlist.txt"
# Other names cannot be written there; a star stands for all names, which then mean this database as well.
case "$name" in *[!A-Za-z0-9_.-]*) database='*' ;; *) database="$name" ;; esac
double "'" "$name" && quoted="$text"
double "'" "$host" && host="$text"
{
  echo '[databases]'
  printf "%s = host='%s' port=%s dbname='%s'\n" "$database" "$host" "$port" "$quoted"
  echo '[pgbouncer]'
  echo "listen_addr = *"
  echo "listen_port = 6432"
  echo "unix_socket_dir = $run"
  echo "auth_type = scram-sha-256"
  echo "auth_file = $run/userlist.txt"
  echo "pool_mode = transaction"
  # Some clients send it, and Airflow reads no number by it.
  echo "ignore_startup_parameters = extra_float_digits"
  # Each probe would be a line of the log.
  echo "log_connections = 0"
  echo "log_disconnections = 0"
  printf '%s\n' "$tls"
  for line in "$@"; do printf '%s\n' "$line"; done
} >"$run/pgbouncer.ini"

pgbouncer "$run/pgbouncer.ini" &
server=$!
# First the Service has to forget this pod. Then SIGINT lets open transactions end, and closes the connections between them.
# SIGTERM would either end transactions or, since version 1.23, wait for clients that stay connected for half an hour.
# shellcheck disable=SC2329  # the trap calls it
stop() {
  trap '' TERM INT
  sleep "${KIT_STOP_DELAY_SECONDS:-5}"
  kill -INT "$server" 2>/dev/null || true
}
trap stop TERM INT
code=0
wait "$server" || code=$?
# A signal ends the first wait, not the server.
while kill -0 "$server" 2>/dev/null; do
  code=0
  wait "$server" || code=$?
done
exit "$code"
