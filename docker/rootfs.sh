#!/usr/bin/env bash
# Makes the file system of the image:  docker/rootfs.sh PROGRAM FOLDER   (docker/Dockerfile)
#
# The program with the libraries that the loader maps, Cyrus SASL's Kerberos plugin and OpenSSL's providers with theirs, CA certificates,
# the licenses of all of these, a user, and /tmp. No shell, no package manager.
set -euo pipefail

program=$1 root=$2
triplet=$(gcc -print-multiarch)
libraries=/usr/lib/$triplet

mkdir -p "$root"/{etc/ssl/certs,tmp,usr/bin,usr/lib,usr/lib64,usr/share/doc}
for link in bin lib lib64; do ln -s "usr/$link" "$root/$link"; done
chmod 1777 "$root/tmp"
strip --strip-all -o "$root/usr/bin/kafkascope" "$program"
ln -s kafkascope "$root/usr/bin/kafka_exporter"

plugins=("$libraries"/sasl2/libgssapiv2.so "$libraries"/ossl-modules/legacy.so)
# add FILE...: copies files with their links, and the licenses of their packages.
add() {
  local file package
  for file in "$@"; do
    file=$(readlink -f "$(dirname "$file")")/$(basename "$file")
    cp -a --parents "$file" "$root"
    if [[ -L $file ]]; then cp -a --parents "$(readlink -f "$file")" "$root"; fi
    package=$(dpkg -S "$(readlink -f "$file")" | sed 's/: .*//; s/:.*//')
    mkdir -p "$root/usr/share/doc/$package"
    cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
  done
}
mapfile -t needed < <(ldd "$program" "${plugins[@]}" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' | sort -u)
add "${needed[@]}" "${plugins[@]}"

cp /etc/ssl/openssl.cnf "$root/etc/ssl/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'kafkascope:x:65532:65532::/:/nonexistent' >"$root/etc/passwd"
echo 'kafkascope:x:65532:' >"$root/etc/group"
mkdir -p "$root/usr/share/doc/kafkascope"
cp LICENSE "$root/usr/share/doc/kafkascope/"
cp "$HOME"/.cache/kafkascope/librdkafka-*/LICENSES.txt "$root/usr/share/doc/kafkascope/LICENSE.librdkafka"
cp "$HOME"/.cache/kafkascope/civetweb-*/LICENSE.md "$root/usr/share/doc/kafkascope/LICENSE.civetweb"
find "$root" -type f -perm /6000 -exec chmod a-s {} +
