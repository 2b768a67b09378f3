#!/usr/bin/env bash
# Measures the whole program against the bare reading of the same files, the writing of the same tables, ripgrep,
# find and a script in Python, on text reports and on web pages: ratios, reports a second, memory; then files a second
# of each format, with and without processes of their own.
#   scripts/bench.sh [--reports 20000] [--runs 3] [--threads 2] [--folder DIR]
# What it prints is kept in benches/runs/, by date, with the version and the machine it was measured on.
# Results depend on the machine and on what else it does; compare ratios of one run, not seconds of two.
set -euo pipefail
cd "$(dirname "$0")/.."
run="benches/runs/$(date -u +%F).txt"
mkdir -p benches/runs
{
    echo "version $(git describe --always --dirty 2>/dev/null || echo unknown), $(nproc) processors: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
    echo "scripts/bench.sh $*"
    cargo bench --locked --quiet --bench end_to_end -- --kind text "$@"
    cargo bench --locked --quiet --bench end_to_end -- --kind html
    cargo bench --locked --quiet --bench formats
} | tee "$run.part"
mv "$run.part" "$run"
echo "kept in $run" >&2
