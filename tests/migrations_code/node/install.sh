#!/usr/bin/env bash
# Installs the migration tools of JavaScript, by which tests see what statements they send. Needs npm on PATH;
# runs no package script.
# Usage: install.sh [DIR]    DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to .cache/editors in the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../../.." && pwd)
cache=${1:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
target=$cache/node-migrations
stamp=$target/.installed
wanted=$(cat "$here/package.json" "$here/package-lock.json" "$here/install.sh" | sha256sum | cut -d' ' -f1)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "The migration tools of JavaScript are installed in $target"
    exit 0
fi

export npm_config_omit_lockfile_registry_resolved=true npm_config_audit=false npm_config_fund=false
export npm_config_update_notifier=false npm_config_loglevel=error

rm -rf "$target"
mkdir -p "$target"
# The cache is never part of a commit, wherever it lies.
echo '*' > "$cache/.gitignore"
cp "$here/package.json" "$here/package-lock.json" "$target/"
(cd "$target" && npm ci --ignore-scripts)

echo "$wanted" > "$stamp"
echo "The migration tools of JavaScript are installed in $target ($(du -sm "$target" | cut -f1) MB)"
