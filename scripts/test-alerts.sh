#!/usr/bin/env bash
# Compares the alerts and the dashboard in ops/ with the real metrics: a server does some work, and
# every metric, label and value that they name must be there. Then every alert fires once and stays
# silent once, in Prometheus' own tool.
#
#   scripts/test-alerts.sh
set -euo pipefail
cd "$(dirname "$0")/.."

python=.tools/venv/bin/python
[ -x "$python" ] || python=python3
if ! command -v promtool >/dev/null || ! "$python" -c 'import yaml' 2>/dev/null; then
  echo "test-alerts: no promtool or no PyYAML; \`make tools\` installs them" >&2
  exit 69
fi

cargo build --quiet --locked -p vacancy-server --bin vacancy
vacancy=${CARGO_TARGET_DIR:-target}/debug/vacancy

folder=$(mktemp -d "${TMPDIR:-/tmp}/vacancy-alerts.XXXXXXXX")
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

"$vacancy" serve --demo --data "$folder/data" --listen 127.0.0.1:0 --set log.format=json \
  >"$folder/log" 2>&1 &
server=$!
wait_left=600
until url=$(grep -o '"listen":"[^"]*"' "$folder/log" | head -n 1 | cut -d'"' -f4) && [ -n "$url" ]; do
  if ! kill -0 "$server" 2>/dev/null || [ "$wait_left" -eq 0 ]; then
    echo "test-alerts: the server does not start:" >&2
    cat "$folder/log" >&2
    exit 70
  fi
  wait_left=$((wait_left - 1))
  sleep 0.1
done

"$python" scripts/alerts/work.py "http://$url" >"$folder/metrics"
"$python" scripts/alerts/check.py "$folder/metrics"
