#!/usr/bin/env bash
# Opens the page of a snapshot in a headless Chromium, from its file: no word on the console, no request, search and sorting
# work, headings and tables are in order, texts are plain enough, nothing is wider than the window, on 1280 and 400 pixels, light
# and dark. Keeps pictures and a print where a folder is named. Without a Chromium it says so and does nothing.
#   scripts/page.sh [SNAPSHOT] [PICTURES]
set -euo pipefail
cd "$(dirname "$0")/.."
for name in chromium chromium-browser google-chrome chrome; do
    if command -v "$name" > /dev/null; then
        exec python3 scripts/page.py "${1:-out/current}" "${@:2}"
    fi
done
echo "no Chromium is installed: the page was not opened" >&2
