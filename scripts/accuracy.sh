#!/usr/bin/env bash
# Reads made reports in every layout with random oddities and counts: accepted, exact, wrong, held back without need.
#   scripts/accuracy.sh [--reports 100000] [--seed 1] [--layout NAME] [--oddity NAME] [--list]
#   scripts/accuracy.sh --reports 1 --seed S --show      prints the page of one seed and what became of it
# Exit code 1 when anything wrong was accepted.
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo bench --locked --quiet --bench accuracy -- "$@"
