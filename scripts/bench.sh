#!/usr/bin/env bash
# Measures the whole program against the bare reading of the same files, the writing of the same tables, ripgrep,
# find and a script in Python, on text reports and on web pages: ratios, reports a second, memory; then files a second
# of each format, with and without processes of their own.
#   scripts/bench.sh [--reports 20000] [--runs 3] [--threads 2] [--folder DIR]
# Results depend on the machine and on what else it does; compare ratios of one run, not seconds of two.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo bench --locked --quiet --bench end_to_end -- --kind text "$@"
cargo bench --locked --quiet --bench end_to_end -- --kind html
cargo bench --locked --quiet --bench formats
