#!/usr/bin/env bash
# Builds the extension with the server in it: rollsafe-<target>-<version>.vsix in this folder.
# Usage: build.sh [TARGET]   TARGET is a platform of VS Code (linux-x64, darwin-arm64, …); default: this one.
# Needs Node 20 or later with npm, and a Python 3.11 or later with pip (PYTHON, default python3).
set -euo pipefail
# PYTHON may be relative to where the caller stands.
python=$("${PYTHON:-python3}" -c 'import sys; print(sys.executable)')
cd "$(dirname "${BASH_SOURCE[0]}")"

target=${1:-$("$python" bundle/build_bundle.py --print-target)}
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false npm_config_loglevel=error

# A change of the lock is the only reason to install again.
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --ignore-scripts
fi
node node_modules/typescript/bin/tsc --noEmit
npm test --silent > /dev/null
rm -rf out
npm run --silent bundle
"$python" bundle/build_bundle.py --target "$target"

version=$(node -p 'require("./package.json").version')
vsix=rollsafe-$target-$version.vsix
rm -f rollsafe-"$target"-*.vsix
node bundle/find_secrets.cjs
node node_modules/@vscode/vsce/vsce package --no-dependencies --allow-missing-repository --allow-package-all-secrets \
    --target "$target" --out "$vsix" > out/vsce.log || { cat out/vsce.log; exit 1; }
echo "editors/vscode/$vsix ($(($(wc -c < "$vsix") / 1024)) KB)"
