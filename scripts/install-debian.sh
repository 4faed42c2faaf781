#!/usr/bin/env bash
# Installs what the tests need from Debian, if it is missing: a browser, zstd, the programs of a
# PostgreSQL server, Python's venv, Prometheus' tool for rules. Without the right to install, it says which packages to install.
set -euo pipefail

missing=()
need() { missing+=("$1"); }

command -v chromium >/dev/null || need chromium
command -v zstd >/dev/null || need zstd
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null ||
  need postgresql
python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
command -v npm >/dev/null || need npm
command -v promtool >/dev/null || need prometheus

if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  # -n: never wait for a password that nobody types.
  if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
    echo "The tests need: ${missing[*]}" >&2
    echo "Install them, on Debian as root: apt-get install ${missing[*]}" >&2
    exit 69
  fi
  as_root=(sudo -n)
fi
if ! command -v apt-get >/dev/null; then
  echo "The tests need, by the names of Debian: ${missing[*]}" >&2
  exit 69
fi

echo "Installing from Debian: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
# env, because sudo drops the variable.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null
