#!/usr/bin/env bash
# Makes the file system of the image:  docker/rootfs.sh BUILD FOLDER   (docker/Dockerfile)
#
# The program with the libraries that the loader maps, Cyrus SASL's Kerberos plugin and OpenSSL's providers with theirs, CA certificates,
# the licenses of all of these, a user, and /tmp. No shell, no package manager.
set -euo pipefail

build=$1 root=$2
program=$build/kafkascope
triplet=$(gcc -print-multiarch)
libraries=/usr/lib/$triplet

mkdir -p "$root"/{etc/ssl/certs,tmp,usr/bin,usr/lib/ssl,usr/lib64,usr/share/doc}
for link in bin lib lib64; do ln -s "usr/$link" "$root/$link"; done
chmod 1777 "$root/tmp"
strip --strip-all -o "$root/usr/bin/kafkascope" "$program"
ln -s kafkascope "$root/usr/bin/kafka_exporter"

plugins=("$libraries"/sasl2/libgssapiv2.so "$libraries"/ossl-modules/legacy.so)
# owner FILE: its package. dpkg may know a file of /usr/lib as one of /lib.
owner() { { dpkg -S "$1" 2>/dev/null || dpkg -S "${1#/usr}"; } | sed 's/:.*//'; }
# add FILE...: copies files with their links, and the licenses of their packages.
add() {
  local file folder package
  for file in "$@"; do
    folder=$(readlink -f "$(dirname "$file")")  # /lib is a link
    mkdir -p "$root$folder"
    cp -L "$file" "$root$folder/"
    package=$(owner "$(readlink -f "$file")")
    mkdir -p "$root/usr/share/doc/$package"
    cp -L "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
  done
}
mapfile -t needed < <(ldd "$program" "${plugins[@]}" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' | sort -u)
add "${needed[@]}" "${plugins[@]}"

cp /etc/ssl/openssl.cnf "$root/etc/ssl/"
ln -s /etc/ssl/openssl.cnf "$root/usr/lib/ssl/openssl.cnf"  # where OpenSSL looks for it
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo 'kafkascope:x:65532:65532::/:/nonexistent' >"$root/etc/passwd"
echo 'kafkascope:x:65532:' >"$root/etc/group"
cmake --install "$build" --prefix "$root/installed" >/dev/null
mv "$root/installed/share/doc/kafkascope" "$root/usr/share/doc/"
rm -rf "$root/installed"
find "$root" -type f -perm /6000 -exec chmod a-s {} +
