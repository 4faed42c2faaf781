#!/usr/bin/env bash
# The writer that must lose acknowledged rows when the power goes, so that the test with the server
# proves something: SQLite with synchronous=NORMAL, or a PostgreSQL that runs with fsync=off.
#
#   scripts/powercut-control.sh write FILE|URL   one row per commit, its number on a line once it is done
#   scripts/powercut-control.sh count FILE|URL   how many are there
set -euo pipefail
word=$1
store=$2

case $word:$store in
write:postgres://*)
  psql -qX "$store" -c 'CREATE TABLE IF NOT EXISTS row_of_control (n BIGINT)'
  seq 1 100000000 | sed 's/.*/INSERT INTO row_of_control VALUES (&) RETURNING n;/' |
    exec psql -qXAt "$store"
  ;;
count:postgres://*)
  # A table that is gone has lost all of its rows.
  psql -qXAt "$store" -c 'SELECT COUNT(*) FROM row_of_control' 2>/dev/null || echo 0
  ;;
write:*)
  exec python3 -u -c '
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("PRAGMA journal_mode=WAL")
store.execute("PRAGMA synchronous=NORMAL")
store.execute("CREATE TABLE IF NOT EXISTS row_of_control (n)")
for n in range(1, 100000000):
    store.execute("INSERT INTO row_of_control VALUES (?)", (n,))
    print(n)
' "$store"
  ;;
count:*)
  python3 -c '
import sqlite3, sys
try:
    print(sqlite3.connect(sys.argv[1]).execute("SELECT COUNT(*) FROM row_of_control").fetchone()[0])
except sqlite3.DatabaseError:
    print(0)
' "$store"
  ;;
*)
  echo "usage: $0 write|count FILE|URL" >&2
  exit 64
  ;;
esac
