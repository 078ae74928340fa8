#!/usr/bin/env bash
# Installs what compiles and runs programs of another architecture:  cmake/cross-packages.sh arm64   (as root or with sudo)
#
# Adds the architecture to dpkg. Libraries: the rows of cmake/packages.txt with a pkg-config name, of that architecture.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/distribution.sh"
architecture=$1
sudo=(); if [[ $(id -u) != 0 ]]; then sudo=(sudo); fi

"$here/install-packages.sh" build unit dist
packages=("crossbuild-essential-$architecture" qemu-user-static) backports=()
while read -r package; do
  if [[ $package == */backports && $codename == bookworm ]]; then backports+=("${package%/*}:$architecture"); else packages+=("${package%/*}:$architecture"); fi
done < <(sed -n 's/^\(build\|unit\) *\([^ ]*\) *pkg-config:.*/\2/p' "$here/packages.txt")

if ! dpkg --print-foreign-architectures | grep -qx "$architecture"; then
  echo "Adding the architecture $architecture to dpkg"
  "${sudo[@]}" dpkg --add-architecture "$architecture"
  "${sudo[@]}" apt-get -qq update
fi
echo "Installing what compiles for $architecture"
install=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Dpkg::Use-Pty=0 install --no-install-recommends)
"${install[@]}" "${packages[@]}" >/dev/null
if ((${#backports[@]})); then "${install[@]}" -t bookworm-backports "${backports[@]}" >/dev/null; fi
