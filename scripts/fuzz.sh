#!/usr/bin/env bash
# Feeds the readers with made bytes until they break: scripts/fuzz.sh [SECONDS] [TARGET ...]
# Needs a nightly compiler and cargo-fuzz (cargo install cargo-fuzz). What is found lies in fuzz/artifacts; it becomes
# a fixture or a case of tests/it/hostile.rs.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-300}"
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(binary container doc docx ofd page pdf rtf)
for target in "${targets[@]}"; do
    corpus="fuzz/corpus/$target"
    mkdir -p "$corpus"
    case "$target" in
        binary) cp tests/formats/*.docx tests/formats/*.doc tests/formats/*.odt tests/formats/*.xls* tests/formats/*.ods tests/formats/*.ofd tests/formats/*.pdf "$corpus" ;;
        container) cp tests/formats/*.zip tests/formats/*.gz tests/formats/*.zst "$corpus" ;;
        docx) for file in tests/formats/*.docx; do unzip -p "$file" word/document.xml > "$corpus/$(basename "$file").xml"; done ;;
        ofd) unzip -p tests/formats/report.ofd Doc_0/Pages/Page_0/Content.xml > "$corpus/page.xml" ;;
        page) cp data/sample/*.txt data/sample/*.html data/sample/*.md tests/formats/*.mht "$corpus" ;;
        pdf) printf 'BT /F 10 Tf 20 300 Td (12) Tj ET 20 20 m 90 20 l S 20 20 50 30 re f' > "$corpus/page" ;;
        rtf) cp tests/formats/*.rtf "$corpus" ;;
    esac
    cargo +nightly fuzz run --release "$target" "$corpus" -- -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20
done
