#!/usr/bin/env bash
# Installs the parser of Mermaid, by which tests read the diagrams of plans back. Needs npm on PATH; runs no
# package script.
# Usage: install.sh [DIR]    DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to .cache/editors in the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../../.." && pwd)
cache=${1:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
target=$cache/mermaid
stamp=$target/.installed
wanted=$(cat "$here/package.json" "$here/package-lock.json" "$here/install.sh" | sha256sum | cut -d' ' -f1)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "Mermaid is installed in $target"
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
echo "Mermaid is installed in $target ($(du -sm "$target" | cut -f1) MB)"
