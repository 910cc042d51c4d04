#!/usr/bin/env bash
# Installs Django and a driver of PostgreSQL beside the project, by which tests run fixed migrations on a server.
# Usage: install.sh [DIR]    DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to .cache/editors in the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../../.." && pwd)
cache=${1:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
target=$cache/python-migrations
stamp=$target/.installed
wanted=$(cat "$here/requirements.txt" "$here/install.sh" | sha256sum | cut -d' ' -f1)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "The migration tools of Python are installed in $target"
    exit 0
fi

rm -rf "$target"
mkdir -p "$cache"
# The cache is never part of a commit, wherever it lies.
echo '*' > "$cache/.gitignore"
"${PYTHON:-python3}" -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"

echo "$wanted" > "$stamp"
echo "The migration tools of Python are installed in $target ($(du -sm "$target" | cut -f1) MB)"
