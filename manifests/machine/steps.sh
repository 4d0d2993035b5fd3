# Sourced by the scripts of this folder: how long work is shown and where it keeps what it made.
# A step is one line when it begins, one every 30 seconds and one when it ends; its own output goes to a log.

CACHE=${VALEO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/valeo-erp}
LOGS=$CACHE/logs
mkdir -p "$LOGS"
exec 3>&2   # what a person reads, also while a step's own output goes to its log
CURRENT='' CURRENT_LOG='' HEARTBEAT=''

say() { printf '\033[1m[%4ds] %s\033[0m\n' "$SECONDS" "$*" >&3; }

heartbeat() { # words
  local begun=$SECONDS
  while sleep 30 >/dev/null 2>&1 3>&- 9>&-; do say "$1: still at it, $((SECONDS - begun)) s"; done
}

step() { # words command…
  local words=$1 begun=$SECONDS; shift
  CURRENT=$words CURRENT_LOG=$LOGS/$(tr -cs 'a-zA-Z0-9\n' '-' <<<"${words,,}").log
  say "$words"
  heartbeat "$words" & HEARTBEAT=$!
  "$@" >"$CURRENT_LOG" 2>&1
  stop_heartbeat
  ((SECONDS - begun < 5)) || say "$words: done in $((SECONDS - begun)) s"
  CURRENT=''
}

stop_heartbeat() {
  [[ -z $HEARTBEAT ]] || { kill "$HEARTBEAT" && wait "$HEARTBEAT"; } 2>/dev/null || true
  HEARTBEAT=''
}

explain_failure() {
  local code=$?
  stop_heartbeat
  [[ $code -eq 0 || -z $CURRENT ]] && return
  say "FAILED: $CURRENT (exit code $code). The end of $CURRENT_LOG:"
  tail -25 "$CURRENT_LOG" >&3
}
trap explain_failure EXIT

# A registry may time out once; what was fetched stays, so a second try goes on from there.
retry() { "$@" || { sleep 3; "$@"; } || { sleep 10; "$@"; }; }

have() { command -v "$1" >/dev/null 2>&1; }

# The classic builder where the engine's own builder has no command line; the Dockerfiles are plain enough for both.
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
