#!/usr/bin/env bash
# Installs the parser of Mermaid, by which tests read the diagrams of plans back.
# Usage: install.sh [DIR]    See tests/npm_install.sh.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$here/../../npm_install.sh" "$here" mermaid "$@"
