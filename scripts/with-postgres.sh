#!/usr/bin/env bash
# Runs a command with a private PostgreSQL beside it, and ends that PostgreSQL afterwards.
#
#   scripts/with-postgres.sh cargo test --workspace
#
# The server lives in a temporary folder, listens on a free port of the loopback address only, and
# keeps fsync on, because the tests measure real commits. The command finds it by
# VACANCY_TEST_POSTGRES; each test makes its own database there. If that variable is already set,
# the command runs with the server it names.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: $0 COMMAND [ARGUMENT ...]" >&2
  exit 64
fi
if [ -n "${VACANCY_TEST_POSTGRES:-}" ]; then
  exec "$@"
fi

# Debian keeps the server's programs out of PATH; the newest version wins.
find_programs() {
  local folder
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    if [ -x "$folder/initdb" ]; then
      echo "$folder"
      return
    fi
  done
  if command -v initdb >/dev/null; then
    dirname "$(command -v initdb)"
  fi
}

programs=$(find_programs)
if [ -z "$programs" ]; then
  echo "with-postgres: no PostgreSQL server programs found (Debian: apt-get install postgresql)" >&2
  exit 69
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/vacancy-postgres.XXXXXXXX")
server=""
command=""

finish() {
  status=$?
  trap - EXIT INT TERM HUP
  if [ -n "$command" ]; then
    kill -TERM "$command" 2>/dev/null || true
    wait "$command" 2>/dev/null || true
  fi
  if [ -n "$server" ]; then
    # INT is a fast shutdown: sessions are ended, data is written.
    kill -INT "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
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

cd "$folder"
log=$folder/server.log
if ! "${as_owner[@]}" "$programs/initdb" --pgdata data --username postgres --auth trust \
  --encoding UTF8 --locale C --no-instructions >"$log" 2>&1; then
  cat "$log" >&2
  exit 70
fi

# The last line of postmaster.pid says whether the server takes connections.
is_ready() { grep -qs '^ready' data/postmaster.pid; }

start_on() {
  "${as_owner[@]}" "$programs/postgres" -D data -p "$1" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c max_connections=300 -c fsync=on >>"$log" 2>&1 &
  server=$!
  local wait_left=600
  until is_ready; do
    if ! kill -0 "$server" 2>/dev/null || [ "$wait_left" -eq 0 ]; then
      kill -INT "$server" 2>/dev/null || true
      wait "$server" 2>/dev/null || true
      server=""
      return 1
    fi
    wait_left=$((wait_left - 1))
    sleep 0.1
  done
}

# A port may be taken between choosing and listening, so another one is tried.
port=""
for _ in 1 2 3 4 5 6 7 8; do
  port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
  start_on "$port" && break
done
if [ -z "$server" ]; then
  echo "with-postgres: PostgreSQL does not start:" >&2
  tail -n 30 "$log" >&2
  exit 70
fi

cd "$OLDPWD"
export VACANCY_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
echo "with-postgres: $("$programs/postgres" --version) at $VACANCY_TEST_POSTGRES"
# In the background, so that a signal to this script is answered at once.
"$@" <&0 &
command=$!
status=0
wait "$command" || status=$?
command=""
exit "$status"
