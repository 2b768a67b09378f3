#!/usr/bin/env bash
# Format, lints, the README's test command as printed there, documentation. Needs nothing but a Rust toolchain; where a
# nightly one is installed too, the fuzz targets are compiled.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
# The line after the marker in the README is the command, so that what is printed is what runs.
tests=$(sed -n '/<!-- tests -->/,/^```$/p' README.md | sed -n '/^```sh$/,/^```$/p' | sed '1d;$d')
[ -n "$tests" ] || { echo "README.md names no test command" >&2; exit 1; }
echo "+ $tests"
bash -euo pipefail -c "$tests"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
if cargo +nightly --version > /dev/null 2>&1; then
    cargo +nightly check --locked --manifest-path fuzz/Cargo.toml
else
    echo "no nightly compiler: the fuzz targets were not compiled"
fi
