#!/usr/bin/env bash
# Makes the static librdkafka that kafkascope is linked with, once for each user, and prints its folder.
#
#   cmake/librdkafka.sh [plain|thread]
#
# No long-term distribution ships a librdkafka new enough, and exporter/kafka/raw_request.c needs its internal headers, so the source
# tree stays beside the library:  <folder>/src/{librdkafka.a,*.h}, <folder>/config.h, <folder>/include/librdkafka/rdkafka.h.
# `thread` is the one for ThreadSanitizer, which does not know C11 threads. Everything goes to $KAFKASCOPE_CACHE (~/.cache/kafkascope).
set -euo pipefail

version=2.15.1
# Of the files that are compiled or run: see digest_of. Both sources must give it.
digest=64eca491fa803b517bf204519a21b17d8ae138b1f22f42c3cced4b6139f2f990
release=https://github.com/confluentinc/librdkafka/archive/refs/tags/v$version.tar.gz
npm_package=@confluentinc/kafka-javascript@1.10.1  # Confluent's own package: the same tree is in its deps/librdkafka.

variant=${1:-plain}
options=(--no-download --enable-static --enable-ssl --enable-gssapi --enable-curl --enable-zlib --enable-zstd)
case $variant in
  plain) ;;
  thread) options+=(--disable-c11threads "--CFLAGS=-fsanitize=thread") ;;
  *) echo "usage: $0 [plain|thread]" >&2; exit 2 ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
cache=${KAFKASCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kafkascope}
key=$({ cat "${BASH_SOURCE[0]}"; ${CC:-cc} --version; } | sha256sum | cut -c1-12)
folder=$cache/librdkafka-$version-$variant-$key
if [[ -e $folder/complete ]]; then echo "$folder"; exit; fi

say() { echo "librdkafka $version: $*" >&2; }
die() { say "$*"; exit 1; }

digest_of() {
  (cd "$1" && find configure configure.self mklove src -type f \
      \( -name '*.[ch]' -o -name 'configure*' -o -name 'Makefile*' \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) |
    sha256sum | cut -d' ' -f1
}

from_release() {
  curl -fsSL --connect-timeout 10 --speed-limit 1000 --speed-time 20 -o "$2" "$release" && tar xzf "$2" -C "$1" --strip-components=1
}

from_npm() {
  if ! command -v npm >/dev/null; then "$here/install-packages.sh" npm || return; fi
  (cd "$1" && mv "$(npm pack --silent "$npm_package" | tail -n 1)" "$2") && rm -rf "${1:?}"/* &&
    tar xzf "$2" -C "$1" --strip-components=3 package/deps/librdkafka
}

# The verified source tree, in $cache/librdkafka-<version>.
fetch() {
  local source=$cache/librdkafka-$version from got
  if [[ -d $source ]]; then return; fi
  for from in release npm; do
    say "fetching it (from $from)"
    rm -rf "$source.part" && mkdir "$source.part"
    if ! "from_$from" "$source.part" "$source.tar.gz" >&2; then continue; fi
    got=$(digest_of "$source.part")
    if [[ $got == "$digest" ]]; then
      mv "$source.part" "$source"
      rm -f "$source.tar.gz"
      return
    fi
    say "that is not the release: its digest is $got, not $digest"
  done
  die "no source of it could be reached"
}

mkdir -p "$cache"
exec 9>"$cache/librdkafka.lock"
if ! flock -n 9; then say "another build is making it, waiting"; flock 9; fi
if [[ -e $folder/complete ]]; then echo "$folder"; exit; fi

fetch
say "building the $variant one, about 70 s"
rm -rf "$folder"
cp -a "$cache/librdkafka-$version" "$folder"
cd "$folder"
log=$folder/build.log
unset MAKEFLAGS MAKELEVEL MFLAGS CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
export GIT_DIR=/nonexistent  # or its configure takes the version from whatever repository is around the cache
./configure "${options[@]}" >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "configure failed, all of it in $log"; }

# configure drops what it finds no header for.
missing=
for feature in SSL SASL_CYRUS SASL_SCRAM SASL_OAUTHBEARER OAUTHBEARER_OIDC CURL ZLIB ZSTD; do
  grep -q "^#define WITH_$feature 1" config.h || missing+=" $feature"
done
[[ -z $missing ]] || die "would be built without$missing: a header is missing. Run 'make deps'; details in $log"

make -C src -j"$(nproc)" librdkafka.a >>"$log" 2>&1 || { tail -n 20 "$log" >&2; die "make failed, all of it in $log"; }
mkdir -p include/librdkafka
cp src/rdkafka.h src/rdkafka_mock.h include/librdkafka/
touch complete
say "done"
echo "$folder"
