#!/usr/bin/env bash
# Prepares the build for another architecture:  cmake/cross-packages.sh arm64|s390x SYSROOT
#
# Installs a cross compiler and QEMU (as root or with sudo). The libraries of that architecture, the rows of cmake/packages.txt with a
# pkg-config name, are unpacked in the folder SYSROOT and not installed: many of Debian's -dev packages exclude those of the machine's own
# architecture. SYSROOT also gets a package database, for dpkg-shlibdeps and cmake/sbom.py.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/distribution.sh"
architecture=$1 sysroot=$(readlink -m "$2")
database=$sysroot/var/lib/dpkg

"$here/install-packages.sh" build unit dist "cross-$architecture"

packages=()
while read -r package; do
  if [[ $package == */backports && $codename == bookworm ]]; then packages+=("${package%/*}/bookworm-backports"); else packages+=("${package%/*}"); fi
done < <(sed -n 's/^\(build\|unit\) *\([^ ]*\) *pkg-config:.*/\2/p' "$here/packages.txt")
wanted="$codename ${packages[*]}"
if [[ -e $sysroot/complete && $(<"$sysroot/complete") == "$wanted" ]]; then exit; fi

echo "Fetching libraries for $architecture"
rm -rf "$sysroot"
mkdir -p "$sysroot"/{apt/lists/partial,apt/archives/partial,usr/lib} "$database/info" "$database/updates"
touch "$database/status" "$database/available"
echo 1 >"$database/info/format"
echo "$architecture" >"$database/arch"
ln -s usr/lib "$sysroot/lib"
# The machine's package sources, for a machine of that architecture with no package installed.
apt=(apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User= -o Dir::State="$sysroot/apt"
     -o Dir::State::status="$database/status" -o Dir::Cache="$sysroot/apt")
"${apt[@]}" update
"${apt[@]}" --yes --download-only --no-install-recommends install "${packages[@]}" >/dev/null
for file in "$sysroot"/apt/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$file" | tar -x -C "$sysroot" --keep-directory-symlink
  # What dpkg would write, but with the paths in this folder.
  name=$(dpkg-deb --show --showformat='${Package}' "$file")
  if [[ $(dpkg-deb --field "$file" Multi-Arch) == same ]]; then name+=:$architecture; fi
  dpkg-deb --control "$file" "$sysroot/control"
  for part in shlibs symbols; do
    if [[ -e $sysroot/control/$part ]]; then cp "$sysroot/control/$part" "$database/info/$name.$part"; fi
  done
  rm -r "$sysroot/control"
  dpkg-deb --fsys-tarfile "$file" | tar -t | sed -n "s|^\./\(usr/\)\?lib/|$sysroot/usr/lib/|p" >"$database/info/$name.list"
  { dpkg-deb --field "$file"; echo "Status: install ok installed"; echo; } >>"$database/status"
done
rm -r "$sysroot/apt"
# Absolute links would lead out of the folder.
find "$sysroot" -type l -lname '/*' -printf '%l %p\n' | while read -r target link; do ln -sfnr "$sysroot$target" "$link"; done
echo "$wanted" >"$sysroot/complete"
