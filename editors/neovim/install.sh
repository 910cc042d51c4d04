#!/usr/bin/env bash
# Installs a current Neovim for the smoke test beside the system's own: from Debian's packages, unpacked
# into a private root and run with the C library they were built for. Needs a Debian with apt lists; not root.
# Usage: install.sh [DIR]    DIR defaults to $ROLLSAFE_EDITOR_CACHE, then to .cache/editors in the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
cache=${1:-${ROLLSAFE_EDITOR_CACHE:-$repo/.cache/editors}}
suite=forky
target=$cache/neovim
stamp=$target/.installed
wanted=$(sha256sum < "$here/install.sh" | cut -d' ' -f1)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    echo "Neovim is installed in $target"
    exit 0
fi
rm -rf "$target"
mkdir -p "$target/apt/lists/partial" "$target/apt/archives/partial" "$target/root"
# The cache is never part of a commit, wherever it lies.
echo '*' > "$cache/.gitignore"
: > "$target/apt/status"
# The mirror that this machine uses.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | sort -u |
    grep -v security | head -1)
if [ -z "$mirror" ]; then
    echo "no Debian package list on this machine: run apt-get update first" >&2
    exit 1
fi
cat > "$target/apt/debian.sources" <<END
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
options=(
    -qq -o Dir::State="$target/apt" -o Dir::State::status="$target/apt/status" -o Dir::Cache="$target/apt"
    -o Dir::Etc::SourceList="$target/apt/debian.sources" -o Dir::Etc::SourceParts=/dev/null
    -o APT::Sandbox::User="$(id -un)" -o Debug::NoLocking=1 -o APT::Install-Recommends=false
)
apt-get "${options[@]}" update
apt-get "${options[@]}" --yes --download-only install neovim > /dev/null
for package in "$target"/apt/archives/*.deb; do
    dpkg-deb --extract "$package" "$target/root"
done
rm -rf "$target/apt"

cat > "$target/nvim" <<'END'
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
machine=$(uname -m)
libraries=$root/usr/lib/$machine-linux-gnu
export VIMRUNTIME="$root/usr/share/nvim/runtime"
export LUA_PATH="$root/usr/share/lua/5.1/?.lua;;" LUA_CPATH="$libraries/lua/5.1/?.so;;"
exec "$(ls "$root"/usr/lib*/ld-linux-*.so.* | head -1)" --library-path "$libraries:$libraries/lua/5.1" \
    "$root/usr/bin/nvim" --cmd "set runtimepath+=$root/usr/lib/nvim" "$@"
END
chmod +x "$target/nvim"
"$target/nvim" --version | head -1
echo "$wanted" > "$stamp"
echo "Neovim is installed in $target ($(du -sm "$target" | cut -f1) MB)"
