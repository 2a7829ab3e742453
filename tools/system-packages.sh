#!/usr/bin/env bash
# What pip cannot bring: Python >= 3.11 with venv, Java >= 17 and Maven (for the local Kafka); with --tests Chromium and Node (npm).
# As root on Debian and its kin what is missing is installed; elsewhere this says what to install.
set -euo pipefail
python=${PYTHON:-python3}

fail() {
  echo "vigie: $*" >&2
  exit 1
}

java_release() { # 17 for "17.0.15", 8 for "1.8.0"; 0 without Java
  java -version 2>&1 | sed -nE '/ version "/{s/.* version "(1\.)?([0-9]+).*/\2/p;q}' || true
}

java_package() { # the first that this distribution has
  local release
  for release in 21 17 25; do
    if apt-cache show "openjdk-$release-jre-headless" >/dev/null 2>&1; then
      echo "openjdk-$release-jre-headless"
      return
    fi
  done
  fail "apt-get has no openjdk-17-jre-headless or newer; install Java 17 or newer by hand"
}

command -v "$python" >/dev/null || fail "$python not found: install Python 3.11 or newer, or name one: make install PYTHON=python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$("$python" --version) is too old: Python 3.11 or newer is needed; name one with: make install PYTHON=python3.12"

missing=()
if [ "${1:-}" = --tests ]; then
  if ! command -v chromium >/dev/null; then missing+=(chromium fonts-dejavu-core); fi
  if ! command -v npm >/dev/null; then missing+=(nodejs npm); fi
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
release=$(java_release)
if [ "${release:-0}" -lt 17 ]; then missing+=(openjdk-17-jre-headless); fi
command -v mvn >/dev/null || missing+=(maven)
if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  fail "missing: ${missing[*]} (or newer); on Debian and Ubuntu: sudo apt-get install ${missing[*]}"
fi
echo "vigie: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
if [[ " ${missing[*]} " == *" openjdk-17-jre-headless "* ]]; then
  java=$(java_package)
  missing=("${missing[@]/openjdk-17-jre-headless/$java}")
fi
apt-get install -qq --no-install-recommends "${missing[@]}"
