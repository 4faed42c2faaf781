#!/usr/bin/env bash
# A drill: guests book, a base backup is taken meanwhile, the log is archived, then the database is
# lost and restored to a named moment. Every booking answered before that moment must be there, none
# after it, and the books must agree.
#
#   scripts/drill-postgres.sh
#
# Everything is private and temporary: the PostgreSQL, its archive, the server of Vacancy.
set -euo pipefail
cd "$(dirname "$0")/.."

programs=$(dirname "$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
[ -x "$programs/initdb" ] || programs=$(dirname "$(command -v initdb || echo /none/initdb)")
if [ ! -x "$programs/initdb" ]; then
  echo "drill: no PostgreSQL server programs found (Debian: apt-get install postgresql)" >&2
  exit 69
fi

cargo build --quiet --locked -p vacancy-server --bin vacancy
vacancy=$PWD/${CARGO_TARGET_DIR:-target}/debug/vacancy
guests=$PWD/scripts/drill/guests.py

folder=$(mktemp -d "${TMPDIR:-/tmp}/vacancy-drill.XXXXXXXX")
server=""
postgres=""
stop() {
  [ -z "$1" ] || { kill "-$2" "$1" 2>/dev/null && wait "$1" 2>/dev/null; } || true
}
finish() {
  status=$?
  trap - EXIT INT TERM HUP
  stop "$server" TERM
  stop "$postgres" INT
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# PostgreSQL refuses to run as root.
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  owner=postgres
  getent passwd "$owner" >/dev/null || owner=nobody
  chown "$owner" "$folder"
  as_owner=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --init-groups)
fi
run() { "${as_owner[@]}" "$@"; }
cd "$folder"

port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
url=postgres://postgres@127.0.0.1:$port/vacancy
start_postgres() {
  # Not through `run`: a function in the background is a shell of its own, and gets our signals.
  "${as_owner[@]}" "$programs/postgres" -D "$1" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= >>log 2>&1 &
  postgres=$!
  local wait_left=600
  until grep -qs '^ready' "$1/postmaster.pid"; do
    if ! kill -0 "$postgres" 2>/dev/null || [ "$wait_left" -eq 0 ]; then
      echo "drill: PostgreSQL does not start:" >&2
      tail -n 30 log >&2
      exit 70
    fi
    wait_left=$((wait_left - 1))
    sleep 0.1
  done
}
sql() { "$programs/psql" -X -q -A -t -v ON_ERROR_STOP=1 "postgres://postgres@127.0.0.1:$port/$1" -c "$2"; }

run mkdir archive
run "$programs/initdb" --pgdata first --username postgres --auth trust --encoding UTF8 --locale C \
  --data-checksums --no-instructions >log 2>&1
run tee -a first/postgresql.conf >/dev/null <<END
archive_mode = on
archive_command = 'test ! -f $folder/archive/%f && cp %p $folder/archive/%f && sync -f $folder/archive/%f'
END
start_postgres first
sql postgres 'CREATE DATABASE vacancy'
"$vacancy" migrate --database "$url"
key=$("$vacancy" user admin --database "$url" 2>/dev/null)
"$vacancy" serve --database "$url" --data "$folder/data" --listen 127.0.0.1:0 --set log.format=json >served 2>&1 &
server=$!
wait_left=600
until address=$(grep -o '"listen":"[^"]*"' served | head -n 1 | cut -d'"' -f4) && [ -n "$address" ]; do
  if ! kill -0 "$server" 2>/dev/null || [ "$wait_left" -eq 0 ]; then
    echo "drill: the server does not start:" >&2
    cat served >&2
    exit 70
  fi
  wait_left=$((wait_left - 1))
  sleep 0.1
done
hotel=$(python3 "$guests" hotel "http://$address" "$key")

echo "drill: guests book; a base backup is taken meanwhile"
python3 "$guests" book "http://$address" "$hotel" 0 400 before &
crowd=$!
run "$programs/pg_basebackup" -h 127.0.0.1 -p "$port" -U postgres -D "$folder/base" -X fetch \
  --checkpoint=fast
wait "$crowd"
run "$programs/pg_verifybackup" --quiet base
python3 "$guests" book "http://$address" "$hotel" 400 200 before
sql vacancy "SELECT pg_create_restore_point('the_moment')" >/dev/null
python3 "$guests" book "http://$address" "$hotel" 600 100 after
last=$(sql vacancy 'SELECT pg_walfile_name(pg_current_wal_lsn())')
sql vacancy 'SELECT pg_switch_wal()' >/dev/null
# A file is whole in the archive once the server says so.
wait_left=600
until [ "$(sql vacancy "SELECT last_archived_wal >= '$last' FROM pg_stat_archiver")" = t ]; do
  if [ "$wait_left" -eq 0 ]; then
    echo "drill: the log is not archived" >&2
    exit 70
  fi
  wait_left=$((wait_left - 1))
  sleep 0.1
done

echo "drill: the database is lost; restoring to the moment"
stop "$server" TERM
server=""
stop "$postgres" QUIT
postgres=""
rm -rf first
began=$(date +%s%N)
run cp -a base second
run tee -a second/postgresql.auto.conf >/dev/null <<END
restore_command = 'cp $folder/archive/%f %p'
recovery_target_name = 'the_moment'
recovery_target_action = 'promote'
archive_mode = off
END
run touch second/recovery.signal
start_postgres second
wait_left=600
until [ "$(sql postgres 'SELECT pg_is_in_recovery()')" = f ] || [ "$wait_left" -eq 0 ]; do
  sleep 0.1
  wait_left=$((wait_left - 1))
done
"$vacancy" verify --database "$url"
echo "drill: restored and verified in $((($(date +%s%N) - began) / 1000000)) ms"
"$vacancy" export --database "$url" reservations.jsonl
python3 "$guests" compare reservations.jsonl before after
