#!/usr/bin/env bash
# The nightly run, for cron: silent when all is well, the last lines of its log when not.
#   scripts/nightly.sh [arguments of gongkai build]
#   30 2 * * *  /opt/gongkai/scripts/nightly.sh /srv/raw --out /srv/gongkai
# No flock is needed: a run that meets another one waits for it (--wait), and then ends with code 75.
#   GONGKAI       the program; the one on the PATH where it is not set
#   GONGKAI_PING  address that is told of the start (ADDRESS/start) and of the end (ADDRESS/CODE), such as
#                 https://hc.example/UUID; this script calls curl for it, as the program itself uses no network
#   GONGKAI_LINES lines of the log that are shown when a run fails (20)
# Ends with the exit code of the run: 0 and 3 published (3: some inputs could not be read), all others did not.
set -uo pipefail
program=${GONGKAI:-gongkai}
ping() {
    [ -z "${GONGKAI_PING:-}" ] || curl -fsS -m 10 --retry 3 -o /dev/null "${GONGKAI_PING%/}/$1" || true
}
log=$(mktemp "${TMPDIR:-/tmp}/gongkai.XXXXXX") || exit 1
trap 'rm -f "$log"' EXIT
ping start
# In the background, so that a signal to this script reaches the run at once.
"$program" build --quiet --wait 10m "$@" > "$log" 2>&1 &
run=$!
trap 'kill -TERM "$run" 2> /dev/null' TERM INT HUP
wait "$run"
code=$?
if [ "$code" -gt 128 ] && kill -0 "$run" 2> /dev/null; then
    wait "$run"
    code=$?
fi
# Told as it is, but for 3, which published.
if [ "$code" -eq 3 ]; then ping 0; else ping "$code"; fi
case $code in
    0) cat "$log" ;;
    3) echo "gongkai published, but some inputs could not be read:"; tail -n "${GONGKAI_LINES:-20}" "$log" ;;
    4) echo "gongkai refused to publish, the last snapshot stands:"; tail -n "${GONGKAI_LINES:-20}" "$log" ;;
    *) echo "gongkai failed with code $code, the last snapshot stands:"; tail -n "${GONGKAI_LINES:-20}" "$log" ;;
esac
exit "$code"
