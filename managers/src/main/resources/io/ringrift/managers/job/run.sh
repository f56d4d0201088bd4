# Runs one job so that it outlives the node process: run.sh FOLDER ARGV...
# FOLDER gets "wrapper" and "pid" (machine boot id, then /proc stat line) and, at the end, "exit".
# Arguments are passed on as they are and never read as text of this script.
note() {
  boot= stat=
  read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id
  read -r stat 2>/dev/null </proc/$$/stat
  printf '%s\n%s\n' "$boot" "${stat:-$$ ()}" >"$1.tmp" && mv -f "$1.tmp" "$1"
}
if [ "$1" = --child ]; then
  folder=$2
  shift 2
  note "$folder/pid"
  # Given up by a supervisor that found no trace of this process: too late to begin.
  [ -e "$folder/abandoned" ] && exit 75
  exec "$@"
fi
folder=$1
shift
# A trap is reset in the child, so a signal to the group ends the job and not its witness.
trap : TERM INT HUP
note "$folder/wrapper"
/bin/sh "$0" --child "$folder" "$@" </dev/null >>"$folder/stdout" 2>>"$folder/stderr"
code=$?
printf '%s\n' "$code" >"$folder/exit.tmp"
sync "$folder/exit.tmp" 2>/dev/null
mv -f "$folder/exit.tmp" "$folder/exit"
sync "$folder" 2>/dev/null
exit 0
