#!/bin/sh
# Starts kafkascope from the files of its own image below /opt/kafkascope: that image has newer libraries than Strimzi's.
root=${KAFKASCOPE_ROOT:-/opt/kafkascope}
set -- "$root"/usr/bin/kafkascope "$@"
for libraries in "$root"/usr/lib/*-linux-gnu; do
  for loader in "$root"/usr/lib*/ld-linux-*.so.* "$libraries"/ld-linux-*.so.*; do
    if [ -x "$loader" ]; then
      exec "$loader" --library-path "$libraries" "$@"
    fi
  done
done
echo "kafka_exporter: no kafkascope below $root" >&2
exit 127
