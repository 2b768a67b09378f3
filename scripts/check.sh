#!/usr/bin/env bash
# Format, lints, the README's test command as printed there, the sample opened by its consumers, documentation. Needs nothing but a
# Rust toolchain; the consumers need Python and its packages, the fuzz targets a nightly compiler, and each says where it was left out.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
# The line after the marker in the README is the command, so that what is printed is what runs.
tests=$(sed -n '/<!-- tests -->/,/^```$/p' README.md | sed -n '/^```sh$/,/^```$/p' | sed '1d;$d')
[ -n "$tests" ] || { echo "README.md names no test command" >&2; exit 1; }
echo "+ $tests"
bash -euo pipefail -c "$tests"
# The program that the tests have built publishes the sample, and DuckDB, pandas and polars open it.
sample=$(mktemp -d)
trap 'rm -rf "$sample"' EXIT
cargo run --locked --quiet -- build data/sample --out "$sample" --quiet
scripts/consumers.sh "$sample/current" || { status=$?; [ "$status" -eq 69 ] || exit "$status"; }
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
if cargo +nightly --version > /dev/null 2>&1; then
    cargo +nightly check --locked --manifest-path fuzz/Cargo.toml
else
    echo "no nightly compiler: the fuzz targets were not compiled"
fi
