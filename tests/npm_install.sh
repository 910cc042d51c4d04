#!/usr/bin/env bash
# Installs the npm packages that tests drive, as a folder's lock file names them. Needs npm on PATH; runs no
# package script.
# Usage: npm_install.sh FOLDER NAME [DIR]    They go to DIR/NAME; DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to
#                                            .cache/editors in the repository.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$1 name=$2
cache=${3:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
target=$cache/$name
stamp=$target/.installed
wanted=$(cat "$folder/package.json" "$folder/package-lock.json" "${BASH_SOURCE[0]}" | sha256sum | cut -d' ' -f1)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "$name is installed in $target"
    exit 0
fi

export npm_config_omit_lockfile_registry_resolved=true npm_config_audit=false npm_config_fund=false
export npm_config_update_notifier=false npm_config_loglevel=error

rm -rf "$target"
mkdir -p "$target"
# The cache is never part of a commit, wherever it lies.
echo '*' > "$cache/.gitignore"
cp "$folder/package.json" "$folder/package-lock.json" "$target/"
(cd "$target" && npm ci --ignore-scripts)

echo "$wanted" > "$stamp"
echo "$name is installed in $target ($(du -sm "$target" | cut -f1) MB)"
