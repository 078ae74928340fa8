# shellcheck shell=bash
# To be sourced: reads the machine's apt sources, so that the project names no mirror.

# `debian` or `ubuntu`, and the name of its release.
distribution=$(. /etc/os-release 2>/dev/null && echo "${ID:-}")
codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")

# mirror: prints the address of the machine's mirror.
mirror() {
  apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/$codename/InRelease'.*|\1|p;T;q"
}

# keyring: prints the distribution's key file as an option of an apt source; nothing if there is none.
keyring() {
  local file
  for file in /usr/share/keyrings/"$distribution"-archive-keyring.{gpg,pgp,asc}; do
    if [[ -e $file ]]; then echo "[signed-by=$file]"; return; fi
  done
}
