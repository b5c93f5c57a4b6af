# Removes everything that a lab made: processes, network namespaces, directory. Run with: PREFIX DIRECTORY now|when-closed
# "when-closed" first waits until standard input closes, which it does when the lab's process ends, however it ends.
set -u
trap '' HUP INT TERM
prefix=$1 directory=$2 moment=$3
[ "$moment" = when-closed ] && cat >/dev/null
case $directory in */osc-lab/?*) ;; *) echo "not a lab's directory: $directory" >&2; exit 2 ;; esac

namespaces() { ip netns list | awk -v prefix="$prefix" 'index($1, prefix) == 1 { print $1 }'; }

# When a process started, in clock ticks since boot: with it a pid names a process for good.
started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# "pid start" of what the lab wrote down and of what runs in its namespaces.
processes() {
  cat "$directory/processes" 2>/dev/null
  for namespace in $(namespaces); do
    for pid in $(ip netns pids "$namespace"); do echo "$pid $(started "$pid")"; done
  done
}

signal() { # signal SIGNAL: sends it to all that live; fails if none does
  processes | { found=1
    while read -r pid start; do
      [ -n "$start" ] && [ "$(started "$pid")" = "$start" ] && kill "-$1" "$pid" 2>/dev/null && found=0
    done
    return $found; }
}

if signal TERM; then
  for _ in $(seq 100); do signal 0 || break; sleep 0.05; done
  signal KILL
fi
failed=0
for namespace in $(namespaces); do ip netns del "$namespace" || failed=1; done
rm -rf "$directory" || failed=1
exit $failed
