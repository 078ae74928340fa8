#!/usr/bin/env bash
# Installs missing packages of cmake/packages.txt:  cmake/install-packages.sh SET...   (build, run, test)
#
# Packages that are present, from any source, are not changed; if none is missing, apt is not called. On Debian 12 a few
# packages come from backports, which are added to the machine's sources.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/distribution.sh"

# installed TEST: returns whether a test of packages.txt succeeds.
installed() {
  local kind=${1%%:*} what=${1#*:} name minimum version
  name=${what%%>=*}
  minimum=; if [[ $what == *'>='* ]]; then minimum=${what#*>=}; fi
  case $kind in
    pkg-config) pkg-config "$name >= $minimum" 2>/dev/null ;;
    file) compgen -G "$what" >/dev/null ;;
    python) python3 -c "import $name" 2>/dev/null ;;
    command)
      command -v "$name" >/dev/null || return
      if [[ -n $minimum ]]; then
        version=$({ "$name" --version 2>/dev/null || "$name" version; } | grep -oE '[0-9]+(\.[0-9]+)*' | head -n 1 || true)
        [[ $(printf '%s\n' "$minimum" "$version" | sort -V | head -n 1) == "$minimum" ]]
      fi ;;
    *) echo "cmake/packages.txt: what is $1?" >&2; exit 1 ;;
  esac
}

missing=() backports=() reasons=
while read -r set package test why; do
  if [[ " $* " != *" $set "* ]] || installed "$test"; then continue; fi
  reasons+=$(printf '\n  %-22s %s' "${package%/*}" "$why")
  if [[ $package == */backports && $codename == bookworm ]]; then backports+=("${package%/*}"); else missing+=("${package%/*}"); fi
done < <(grep -E '^[a-z]' "$here/packages.txt")
if [[ -z $reasons ]]; then exit; fi
echo "To be installed:$reasons"

by_hand() {
  echo "$1 Install them yourself; with apt:"
  echo "  apt-get install --no-install-recommends ${missing[*]} ${backports[*]/%//bookworm-backports}"
  exit 1
} >&2
command -v apt-get >/dev/null || by_hand "This machine has no apt-get."
sudo=()
if [[ $(id -u) != 0 ]]; then
  command -v sudo >/dev/null || by_hand "This needs root, and there is no sudo."
  sudo=(sudo)
fi

log=$(mktemp -t kafkascope-apt.XXXXXX)
# apt ARGUMENT...: runs apt-get with progress lines.
apt() {
  echo "\$ apt-get $*" >>"$log"
  if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1 |
      tee -a "$log" |
      awk '/newly installed/ {print "  " $0; fflush()}
           /^(Unpacking|Setting up) / && ++n % 50 == 0 {print "  " n " steps, " ($1 == "Setting" ? $3 : $2); fflush()}'
  then
    tail -n 15 "$log" >&2
    by_hand "apt-get failed (all it said is in $log)."
  fi
}

if ((${#backports[@]})) && ! apt-get --print-uris update | grep -q /bookworm-backports/; then
  echo "Adding Debian 12's backports to the apt sources"
  echo "deb $(keyring) $(mirror) bookworm-backports main" | "${sudo[@]}" tee /etc/apt/sources.list.d/kafkascope-backports.list >/dev/null
fi
echo "apt-get update"
apt update
if ((${#missing[@]})); then apt install --no-install-recommends "${missing[@]}"; fi
if ((${#backports[@]})); then apt install --no-install-recommends -t bookworm-backports "${backports[@]}"; fi
rm -f "$log"
