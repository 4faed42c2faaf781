#!/usr/bin/env bash
# The benches of the server, short: whether every answer is right, never how quick it is.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --quiet --locked -p vacancy-server -p vacancy-bench
bench=${CARGO_TARGET_DIR:-target}/debug/bench
for what in spike http mix webhooks; do
  "$bench" "$what" --short
done
