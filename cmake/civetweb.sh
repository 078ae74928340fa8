#!/usr/bin/env bash
# Fetches CivetWeb's sources once per user, and prints their folder (<folder>/{src,include}). They are compiled by
# exporter/web/civetweb_door.c: Debian 12's own library crashes on the first HTTPS request under OpenSSL 3.
#
# The same release on every machine, from Debian's or Ubuntu's source package (without third-party code that we do not
# need) or from upstream. Known vulnerabilities: CVE-2025-55763 is in code that NO_FILES leaves out, CVE-2025-9648 and
# the other ones of form parsing are in mg_handle_form_request, which nothing here calls.
set -euo pipefail

version=1.16
# Digest of the compiled files (digest_of), equal for both sources.
digest=e742b321d1cf5ac1b57d39ac3da467b3ef679bfb142e54cd3fe2b319de9e6c42
release=https://github.com/civetweb/civetweb/archive/refs/tags/v$version.tar.gz

here=$(cd "$(dirname "$0")" && pwd)
cache=${KAFKASCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kafkascope}
folder=$cache/civetweb-$version-${digest:0:12}
if [[ -d $folder ]]; then echo "$folder"; exit; fi

say() { echo "CivetWeb $version: $*" >&2; }

digest_of() {
  (cd "$1" && find include/civetweb.h src/civetweb.c src/*.inl -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) |
    sha256sum | cut -d' ' -f1
}

# The source package from the machine's mirror. Private package lists: needs no root and does not change the system.
from_distribution() {
  . "$here/distribution.sh"
  local suite=$codename apt=$1/apt
  if [[ $distribution == debian ]]; then suite=trixie; fi  # the first Debian release with 1.16; Debian 12 has its keys
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  echo "deb-src $(keyring) $(mirror) $suite main universe" >"$apt/sources.list"
  if [[ $distribution == debian ]]; then sed -i 's/ universe$//' "$apt/sources.list"; fi
  local options=(-qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists"
                 -o Dir::Cache="$apt/cache" -o APT::Sandbox::User= -o APT::Get::List-Cleanup=0)
  apt-get "${options[@]}" update && (cd "$apt" && apt-get "${options[@]}" --download-only --tar-only source civetweb) &&
    tar xf "$apt"/civetweb_*.orig.tar.* -C "$1" --strip-components=1 && rm -rf "$apt"
}

from_upstream() {
  curl -fsSL --connect-timeout 10 --speed-limit 1000 --speed-time 20 -o "$1.tar.gz" "$release" &&
    tar xzf "$1.tar.gz" -C "$1" --strip-components=1
}

mkdir -p "$cache"
exec 9>"$cache/civetweb.lock"
flock 9
if [[ -d $folder ]]; then echo "$folder"; exit; fi

for from in distribution upstream; do
  say "fetching it (from $from)"
  rm -rf "$folder.part" && mkdir "$folder.part"
  if ! "from_$from" "$folder.part" >&2; then continue; fi
  got=$(digest_of "$folder.part")
  if [[ $got == "$digest" ]]; then
    mv "$folder.part" "$folder"
    rm -f "$folder.part.tar.gz"
    echo "$folder"
    exit
  fi
  say "that is not the release: its digest is $got, not $digest"
done
say "no source of it could be reached. Give a source tree: cmake -D KAFKASCOPE_CIVETWEB_SOURCE=folder"
exit 1
