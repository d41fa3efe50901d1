#!/bin/sh
# Make a virtual environment: make_environment.sh PYTHON FOLDER
# Debian keeps what venv needs in a package of its own: it is installed where we may, else asked for.
set -eu
python=$1 folder=$2

if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
  exit 0
fi
if ! command -v "$python" >/dev/null; then
  echo "No $python here. Install Python 3.11 or newer, or name one: make PYTHON=python3.12" >&2
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "$("$python" --version) is too old: Consult needs 3.11 or newer. Name one: make PYTHON=python3.12" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  root=
  [ "$(id -u)" = 0 ] || root='sudo -n'
  if command -v apt-get >/dev/null && { [ -z "$root" ] || $root true 2>/dev/null; }; then
    echo "Python's venv is missing here, installing python3-venv"
    $root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  else
    echo "Python's venv is missing. As root: apt-get install python3-venv" >&2
    exit 1
  fi
fi
"$python" -m venv --clear "$folder"
