#!/usr/bin/env bash
# Ends runs by force and lets their calls fail, and looks at what is left each time: `current` is the old snapshot or
# the new one, whole; a run that ends well has published; the next run publishes what an undisturbed one does and
# leaves no litter.
#   scripts/kills.sh [--kills 1000] [--calls 40] [--program target/release/gongkai]
# First runs are killed at random instants. Then, where strace is installed, the n-th rename, fsync, mkdir, symlink,
# unlink and write of a run kills it, fails once, and fails from then on, up to n of --calls for each.
set -euo pipefail
cd "$(dirname "$0")/.."
kills=1000 calls=40 program=
while [ $# -gt 0 ]; do
    case $1 in
        --kills) kills=$2 ;;
        --calls) calls=$2 ;;
        --program) program=$2 ;;
        *) sed -n '2,8p' "$0" >&2; exit 2 ;;
    esac
    shift 2
done
if [ -z "$program" ]; then
    cargo build --locked --release
    program=target/release/gongkai
fi
program=$(realpath "$program")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000

build() { "$program" build "$work/raw" --out "$1" --quiet --jobs 1 2> "$work/said"; }
# What a snapshot holds, but for files that say which one it is or what came before it.
data() { grep -Ev '  (\.zenodo\.json|CITATION\.cff|changes\.parquet|croissant(-live)?\.json|datapackage\.json|run\.json|index\.html|pages/.*)$' "$1/current/SHA256SUMS"; }
fail() { echo "$*" >&2; cat "$work/said" >&2; cp -a "$work" "${TMPDIR:-/tmp}/gongkai-kills-failed"; exit 1; }
# Looks at an output folder after a disturbed run that ended with a code, and runs once more.
look() {
    local out=$1 code=$2 what=$3 now
    (cd "$out/current" && sha256sum --quiet --strict -c SHA256SUMS) > "$work/sums" 2>&1 || fail "$what: current is damaged"
    now=$(data "$out")
    [ "$now" = "$old" ] || [ "$now" = "$new" ] || fail "$what: current is neither the old snapshot nor the new one"
    [ "$code" != 0 ] || [ "$now" = "$new" ] || fail "$what: the run ended well and published nothing"
    build "$out" || fail "$what: the next run fails"
    [ "$(data "$out")" = "$new" ] || fail "$what: the next run publishes other bytes"
    [ -z "$(find "$out" -maxdepth 1 \( -name '.staging-*' -o -name '.current-*' -o -name '.status*' -o -name '.metrics*' \))" ] ||
        fail "$what: litter is left"
}

# The old snapshot lacks a report that the new one has, and has a line less in another.
cp -r data/sample "$work/raw"
victim=$(find "$work/raw" -name '*.txt' | sort | head -1)
mv "$victim" "$work/aside"
build "$work/base" || fail "the first run fails"
old=$(data "$work/base")
mv "$work/aside" "$victim"
cp -a "$work/base" "$work/whole"
start=$(date +%s%N)
build "$work/whole" || fail "the second run fails"
took=$((($(date +%s%N) - start) / 1000))
new=$(data "$work/whole")
[ "$old" != "$new" ] || fail "the second run publishes nothing"

published=0
for n in $(seq "$kills"); do
    rm -rf "$work/out"
    cp -a "$work/base" "$work/out"
    "$program" build "$work/raw" --out "$work/out" --quiet --jobs 1 2> "$work/said" &
    pid=$!
    # As long as an undisturbed run takes, and a little more.
    micros=$(((RANDOM * 32768 + RANDOM) % (took * 11 / 10)))
    sleep "$((micros / 1000000)).$(printf %06d $((micros % 1000000)))"
    kill -9 "$pid" 2> "$work/killed" || true
    code=0
    wait "$pid" 2> "$work/killed" || code=$?
    [ "$(data "$work/out")" = "$old" ] || published=$((published + 1))
    look "$work/out" "$code" "kill $n after $micros microseconds"
done
echo "$kills kills at random instants: the old snapshot stood after $((kills - published)), the new one after $published"

if ! command -v strace > "$work/which"; then
    echo "strace is not installed: calls that fail were not tried"
    exit 0
fi
for call in rename fsync mkdir symlink unlink write; do
    for mode in kill once for-ever; do
        tried=0
        for n in $(seq "$calls"); do
            case $mode in
                kill) inject="signal=KILL:when=$n" ;;
                once) inject="error=EIO:when=$n" ;;
                for-ever) inject="error=ENOSPC:when=$n+" ;;
            esac
            rm -rf "$work/out"
            cp -a "$work/base" "$work/out"
            code=0
            # In a shell of its own, whose word on the death of strace goes with what is said.
            (strace -f -q -o "$work/trace" -e "trace=/^$call(at|at2)?\$" -e "inject=/^$call(at|at2)?\$:$inject" \
                "$program" build "$work/raw" --out "$work/out" --quiet --jobs 1; exit $?) \
                2> "$work/said" || code=$?
            grep -Eq 'INJECTED|killed by SIGKILL' "$work/trace" || break
            tried=$n
            case $code in
                0 | 1 | 2 | 3 | 137) ;;
                *) fail "$call $n $mode: the run ended with $code" ;;
            esac
            # The message itself is a write, which may be the one that fails.
            [ "$code" != 1 ] || grep -Eq 'write\(2,.*INJECTED' "$work/trace" || grep -qF "$work" "$work/said" ||
                fail "$call $n $mode: the message names no path"
            if grep -q panicked "$work/said"; then fail "$call $n $mode: a panic"; fi
            look "$work/out" "$code" "$call $n $mode"
        done
        echo "$call $mode: $tried tried"
    done
done
