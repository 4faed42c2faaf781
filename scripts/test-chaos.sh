#!/usr/bin/env bash
# The short set of the chaos harness: the real server, killed at every crash point. `make chaos` runs
# all of it. Needs a PostgreSQL in VACANCY_TEST_POSTGRES (scripts/with-postgres.sh), else it starts
# one of its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Nothing that can end the process is in what people run, and no release can be built with it.
cargo build --quiet --locked -p vacancy-server --bin vacancy
if grep -q VACANCY_CRASH_AT target/debug/vacancy; then
  echo "test-chaos: the plain build reads VACANCY_CRASH_AT" >&2
  exit 1
fi
if cargo check --quiet --locked --release -p vacancy-domain --features crash-points 2>/dev/null; then
  echo "test-chaos: a release can be built with crash points" >&2
  exit 1
fi

cargo build --quiet --locked -p vacancy-chaos
cargo build --quiet --locked -p vacancy-server --bin vacancy --features crash-points
# Whoever builds the server meanwhile must not change what is tested.
folder=$(mktemp -d "${TMPDIR:-/tmp}/vacancy-chaos.XXXXXXXX")
trap 'rm -rf "$folder"' EXIT
cp target/debug/vacancy "$folder/vacancy"
target/debug/chaos --binary "$folder/vacancy" "${@:---short}"
