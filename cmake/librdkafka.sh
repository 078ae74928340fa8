#!/usr/bin/env bash
# Builds the static librdkafka. Installs no packages.
#
#   cmake/librdkafka.sh fetch                               downloads the sources into the cache, if they are not there
#   cmake/librdkafka.sh build CFLAG...                      builds them in the cache, once, and prints the folder
#   cmake/librdkafka.sh build-from SOURCE FOLDER CFLAG...   builds a given source tree in FOLDER, and prints it
#
# No long-term distribution ships a librdkafka new enough, and exporter/kafka/raw_request.c needs its internal headers, so the source
# tree stays beside the library:  <folder>/src/{librdkafka.a,*.h}, <folder>/config.h, <folder>/include/librdkafka/rdkafka.h.
# The cache is $KAFKASCOPE_CACHE (~/.cache/kafkascope), the compiler $CC.
set -euo pipefail

version=2.15.1
# Digest of files that are compiled or run (digest_of), equal for both sources.
digest=64eca491fa803b517bf204519a21b17d8ae138b1f22f42c3cced4b6139f2f990
release=https://github.com/confluentinc/librdkafka/archive/refs/tags/v$version.tar.gz
npm_package=@confluentinc/kafka-javascript@1.10.1  # Confluent's own package: the same tree is in its deps/librdkafka.

script=$(readlink -f "${BASH_SOURCE[0]}")
cache=${KAFKASCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kafkascope}

say() { echo "librdkafka $version: $*" >&2; }
die() { say "$*"; exit 1; }
usage() { sed -n '4,6s/^# *//p' "$script" >&2; exit 2; }

digest_of() {
  (cd "$1" && find configure configure.self mklove src -type f \
      \( -name '*.[ch]' -o -name 'configure*' -o -name 'Makefile*' \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) |
    sha256sum | cut -d' ' -f1
}

from_release() {
  curl -fsSL --connect-timeout 10 --speed-limit 1000 --speed-time 20 -o "$2" "$release" && tar xzf "$2" -C "$1" --strip-components=1
}

from_npm() {
  if ! command -v npm >/dev/null; then say "npm is not installed"; return 1; fi
  (cd "$1" && mv "$(npm pack --silent "$npm_package" | tail -n 1)" "$2") && rm -rf "${1:?}"/* &&
    tar xzf "$2" -C "$1" --strip-components=3 package/deps/librdkafka
}

# Held until the script exits: one build at a time changes the cache.
lock() {
  mkdir -p "$cache"
  exec 9>"$cache/librdkafka.lock"
  if ! flock -n 9; then say "another build is making it, waiting"; flock 9; fi
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
  die "no source of it could be reached. Give a source tree: cmake -D KAFKASCOPE_RDKAFKA_SOURCE=folder"
}

# key_of ARGUMENT...: prints a hash of what determines the library: this script, the compiler, flags.
key_of() { { cat "$script"; "${CC:-cc}" --version; echo "$@"; } | sha256sum | cut -c1-12; }

# compile SOURCE FOLDER KEY CFLAG...: builds a copy of SOURCE. FOLDER/complete, with the key in it, is written last.
compile() {
  local source=$1 folder=$2 key=$3 log=$2/build.log feature missing=
  shift 3
  local options=(--no-download --enable-static --enable-ssl --enable-gssapi --enable-curl --enable-zlib --enable-zstd)
  # ThreadSanitizer does not support C11 threads.
  if [[ " $* " == *' -fsanitize=thread '* ]]; then options+=(--disable-c11threads); fi
  say "building it, about 70 s"
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  cp -a "$source" "$folder"
  chmod -R u+w "$folder"
  cd "$folder"
  unset MAKEFLAGS MAKELEVEL MFLAGS CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
  export GIT_DIR=/nonexistent  # or its configure takes the version from whatever repository is around the folder
  ./configure "${options[@]}" --CFLAGS="$* -ffile-prefix-map=$folder=librdkafka" >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "configure failed, all of it in $log"; }

  # configure silently disables features whose headers are missing.
  for feature in SSL SASL_CYRUS SASL_SCRAM SASL_OAUTHBEARER OAUTHBEARER_OIDC CURL ZLIB ZSTD; do
    grep -q "^#define WITH_$feature 1" config.h || missing+=" $feature"
  done
  [[ -z $missing ]] || die "would be built without$missing: a header is missing. Details in $log"

  { make -C src clean && make -C src -j"$(nproc)" librdkafka.a; } >>"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; die "make failed, all of it in $log"; }
  mkdir -p include/librdkafka
  cp src/rdkafka.h src/rdkafka_mock.h include/librdkafka/
  echo "$key" >complete
  say "done"
}

command=${1:-}
shift || usage
case $command in
  fetch)
    if [[ ! -d $cache/librdkafka-$version ]]; then
      lock
      fetch
    fi ;;
  build)
    key=$(key_of "$@")
    folder=$cache/librdkafka-$version-$key
    if [[ ! -e $folder/complete ]]; then
      lock
      if [[ ! -e $folder/complete ]]; then
        fetch
        compile "$cache/librdkafka-$version" "$folder" "$key" "$@" >&2
      fi
    fi
    echo "$folder" ;;
  build-from)
    (($# >= 2)) || usage
    source=$1 folder=$2
    shift 2
    [[ -e $source/src/rdkafka.h ]] || die "$source is not a source tree of librdkafka"
    key=$(key_of "$@" "$(digest_of "$source")")
    if [[ ! -e $folder/complete || $(<"$folder/complete") != "$key" ]]; then compile "$source" "$folder" "$key" "$@" >&2; fi
    echo "$folder" ;;
  *) usage ;;
esac
