# shellcheck shell=bash
# Sourced: what this machine's own apt sources say, so that no mirror is named anywhere in the project.

# `debian` or `ubuntu`, and the name of its release.
distribution=$(. /etc/os-release 2>/dev/null && echo "${ID:-}")
codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")

# mirror: the address from which the machine takes its release.
mirror() {
  apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/$codename/InRelease'.*|\1|p;T;q"
}

# keyring: the file with the distribution's keys, as an option of an apt source; nothing where there is none.
keyring() {
  local file
  for file in /usr/share/keyrings/"$distribution"-archive-keyring.{gpg,pgp,asc}; do
    if [[ -e $file ]]; then echo "[signed-by=$file]"; return; fi
  done
}
