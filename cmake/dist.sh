#!/usr/bin/env bash
# Packs what `make build` has built:  cmake/dist.sh BUILD OUTPUT   (make dist)
#
# OUTPUT gets the stripped program and its debug information, a tarball, Debian packages for this release of Debian or Ubuntu, a list of
# what the program contains (SPDX), and SHA256SUMS. The same commit gives the same bytes, wherever it is built.
set -euo pipefail

build=$(readlink -f "$1") output=$(readlink -m "$2")
source=$(cd "$(dirname "$0")/.." && pwd)
version=$(<"$source/VERSION")
architecture=$(sed -n 's/^KAFKASCOPE_ARCHITECTURE:[A-Z]*=//p' "$build/CMakeCache.txt" | grep . || dpkg --print-architecture)
sysroot=$(sed -n 's/^KAFKASCOPE_SYSROOT:[A-Z]*=//p' "$build/CMakeCache.txt")  # cmake/cross-packages.sh
triplet=$(dpkg-architecture -a"$architecture" -q DEB_HOST_MULTIARCH)
export LC_ALL=C.UTF-8 TZ=UTC
umask 022

# source_date: when the sources were committed, in seconds: from git, or from the tarball of `git archive`.
source_date() {
  if [[ -e $source/.git ]]; then git -C "$source" log -1 --format=%ct; return; fi
  sed -n '2s/^\([0-9]\+\)$/\1/p;2q' "$source/cmake/revision.txt" | grep . || stat -c %Y "$source/CHANGELOG.md"
}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(source_date)}
export SOURCE_DATE_EPOCH

rm -rf "$output"
work=$output/work
mkdir -p "$work"

# The program, and beside it what gdb finds by the debug link.
program=$output/kafkascope
"$triplet-objcopy" --only-keep-debug --compress-debug-sections=zlib "$build/kafkascope" "$program.debug"
"$triplet-strip" --strip-all -o "$program" "$build/kafkascope"
(cd "$output" && "$triplet-objcopy" --add-gnu-debuglink=kafkascope.debug kafkascope)
chmod 644 "$program.debug"

# The tarball: what `cmake --install` installs, below one folder.
name=kafkascope-$version-linux-$architecture
DESTDIR=$work/tree cmake --install "$build" --prefix /usr >"$work/install.log"
mv "$work/tree/usr" "$work/$name"
cp "$program" "$work/$name/bin/kafkascope"
cp "$source/README.md" "$source/CHANGELOG.md" "$source/LICENSE" "$work/$name/"
tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=go-w -cf - "$name" |
  gzip -9n >"$output/$name.tar.gz"

# The Debian packages: the program, and its debug information (dbgsym).
package=$work/kafkascope-$version
mkdir -p "$package"
cp -r "$source/cmake/debian" "$package/debian"
mkdir -p "$package/debian/source"
echo '3.0 (native)' >"$package/debian/source/format"
cat >"$package/debian/changelog" <<END
kafkascope ($version) unstable; urgency=medium

  * See /usr/share/doc/kafkascope/changelog.gz.

 -- $(sed -n 's/^Maintainer: //p' "$package/debian/control")  $(date -R -d "@$SOURCE_DATE_EPOCH")
END
(cd "$package" && KAFKASCOPE_BUILD=$build KAFKASCOPE_SOURCE=$source KAFKASCOPE_SYSROOT=$sysroot KAFKASCOPE_TRIPLET=$triplet dpkg-buildpackage -a"$architecture" -b -us -uc) >"$work/debian.log" 2>&1 ||
  { tail -n 20 "$work/debian.log" >&2; echo "dpkg-buildpackage failed, all of it in $work/debian.log" >&2; exit 1; }
mv "$work"/*.deb "$output/"

python3 "$source/cmake/sbom.py" "$program" "$triplet" "$sysroot" >"$output/kafkascope-$version-linux-$architecture.spdx.json"
(cd "$output" && find . -maxdepth 1 -type f -printf '%P\n' | sort | xargs sha256sum >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
rm -rf "$work"
echo "$output:"
(cd "$output" && ls -l | tail -n +2)
