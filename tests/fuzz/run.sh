#!/usr/bin/env bash
# Runs a fuzzer, beginning with seeds and inputs that once failed:
#   tests/fuzz/run.sh NAME PROGRAM [OPTION or seed]...
# for 10 seconds, or $FUZZ_SECONDS: then it also begins with what earlier such runs have found, which may be thousands of
# inputs. They are in the folder of the program, fuzz/NAME/, and an input that fails is fuzz/NAME-crash-...
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1 program=$2
shift 2
output=$(dirname "$program")/fuzz
corpus=$output/$name
if [[ -z ${FUZZ_SECONDS:-} ]]; then
  corpus=$output/short/$name
  rm -rf "$corpus"
fi
mkdir -p "$corpus"
own=()
for folder in tests/fuzz/seeds/"$name" tests/fuzz/failed/"$name"; do
  if [[ -d $folder ]]; then own+=("$folder"); fi
done
# libFuzzer's own limit of memory prints a statistic, which does not end.
export ASAN_OPTIONS=hard_rss_limit_mb=1024:quarantine_size_mb=64:${ASAN_OPTIONS:-}
# New inputs are written to the first folder.
exec "$program" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=100 -rss_limit_mb=0 -artifact_prefix="$output/$name-" -print_final_stats=1 \
  "$corpus" "${own[@]}" "$@"
