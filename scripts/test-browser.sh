#!/usr/bin/env bash
# Drives the pages in Debian's Chromium: search, book, pay, find, change, cancel, the front desk.
#
#   scripts/test-browser.sh
#   VACANCY_E2E_SHOTS=target/shots scripts/test-browser.sh   keeps a picture of every page
#
# The server is the real one with the demonstration, on a free port and in a folder of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -d e2e/node_modules/playwright-core ]; then
  echo "test-browser: no e2e/node_modules; \`make tools\` installs them" >&2
  exit 69
fi
chromium=${VACANCY_E2E_CHROMIUM:-$(command -v chromium || true)}
if [ -z "$chromium" ]; then
  echo "test-browser: no chromium; \`make tools\` installs it" >&2
  exit 69
fi

cargo build --quiet --locked -p vacancy-server --bin vacancy
VACANCY_E2E_BINARY=${CARGO_TARGET_DIR:-target}/debug/vacancy
export VACANCY_E2E_BINARY VACANCY_E2E_CHROMIUM="$chromium"
exec node --test --test-timeout=180000 e2e/journey.test.mjs
