#!/usr/bin/env bash
# Sends generated requests to every documented route, good and bad ones, and compares each answer
# with the OpenAPI document: no 5xx, no status, header or shape that is not written there.
#
#   scripts/test-api-fuzz.sh
#   VACANCY_FUZZ_SEED=7 VACANCY_FUZZ_EXAMPLES=200 scripts/test-api-fuzz.sh
#
# The server is the real one with the demonstration's hotels, in a folder of its own. A finding
# prints the request as a `curl` command; the same seed finds it again.
set -euo pipefail
cd "$(dirname "$0")/.."

schemathesis=.tools/venv/bin/schemathesis
if [ ! -x "$schemathesis" ]; then
  echo "test-api-fuzz: no $schemathesis; \`make tools\` installs it" >&2
  exit 69
fi
seed=${VACANCY_FUZZ_SEED:-20270310}
examples=${VACANCY_FUZZ_EXAMPLES:-40}

cargo build --quiet --locked -p vacancy-server --bin vacancy
vacancy=${CARGO_TARGET_DIR:-target}/debug/vacancy

folder=$(mktemp -d "${TMPDIR:-/tmp}/vacancy-fuzz.XXXXXXXX")
server=""
finish() {
  status=$?
  trap - EXIT INT TERM HUP
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Logs as JSON: the first line that names an address says that the server listens.
"$vacancy" serve --demo --data "$folder/data" --listen 127.0.0.1:0 --set log.format=json \
  >"$folder/log" 2>&1 &
server=$!
wait_left=600
until url=$(grep -o '"listen":"[^"]*"' "$folder/log" | head -n 1 | cut -d'"' -f4) && [ -n "$url" ]; do
  if ! kill -0 "$server" 2>/dev/null || [ "$wait_left" -eq 0 ]; then
    echo "test-api-fuzz: the server does not start:" >&2
    cat "$folder/log" >&2
    exit 70
  fi
  wait_left=$((wait_left - 1))
  sleep 0.1
done
export VACANCY_FUZZ_URL=http://$url
VACANCY_FUZZ_KEY=$(cat "$folder/data/admin-key")
export VACANCY_FUZZ_KEY

status=0
SCHEMATHESIS_HOOKS=scripts/fuzz/hooks.py "$schemathesis" \
  --config-file scripts/fuzz/schemathesis.toml run "$VACANCY_FUZZ_URL/openapi.json" \
  --header "Authorization: Bearer $VACANCY_FUZZ_KEY" \
  --seed "$seed" --max-examples "$examples" --no-color \
  || status=$?

# A bug that ends one request is told in the log even where the answer was overlooked.
if grep -q '"level":"ERROR"' "$folder/log"; then
  echo "test-api-fuzz: the server's log has errors:" >&2
  grep '"level":"ERROR"' "$folder/log" | head -n 20 >&2
  status=1
fi
if ! kill -0 "$server" 2>/dev/null; then
  echo "test-api-fuzz: the server did not live through it" >&2
  status=1
fi
"$vacancy" verify --data "$folder/data" || status=1
exit "$status"
