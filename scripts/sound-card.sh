#!/bin/sh
# A virtual sound card for tests: PulseAudio with two null sinks, as any user, without D-Bus, systemd or sound in the kernel.
#
#   scripts/sound-card.sh [start] [FOLDER]   starts it (nothing happens when it runs already) and prints the settings:
#                                            eval "$(scripts/sound-card.sh start /tmp/sound)"
#   scripts/sound-card.sh stop [FOLDER]      ends what `start` started with the same FOLDER
#
# FOLDER is the XDG_RUNTIME_DIR of the card and of every program that uses it; without one the variable itself is taken.
# What is played into the sink `vmicsink` is heard by the default microphone `vmic`; what the default speaker `vspk` plays
# is heard on `vspk.monitor`. Two sinks, so that the microphone does not hear the speaker.
set -eu

action=start
case "${1:-}" in start | stop) action=$1 && shift ;; esac
folder=${1:-${XDG_RUNTIME_DIR:-}}
if [ -z "$folder" ]; then
  echo "error: no folder for the sound card: give one, or set XDG_RUNTIME_DIR" >&2
  exit 2
fi
export XDG_RUNTIME_DIR="$folder" PULSE_SERVER="unix:$folder/pulse/native" LC_ALL=C
pids="$folder/sound-card.pids"

# A process that has ended may stay in the table until somebody asks for it.
alive() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

stop() {
  [ -f "$pids" ] || return 0
  while read -r pid; do kill "$pid" 2>/dev/null || true; done <"$pids"
  while read -r pid; do
    tries=0
    while alive "$pid" && [ $tries -lt 50 ]; do sleep 0.05 && tries=$((tries + 1)); done
  done <"$pids"
  rm -f "$pids"
}

runs() { pactl list short sources 2>/dev/null | grep -q 'vmic	'; }

start() {
  mkdir -p -m 700 "$folder"
  # `-n` skips the default script, which wants udev and D-Bus.
  pulseaudio -n --daemonize=yes --exit-idle-time=-1 --disallow-exit=yes --log-level=error \
    --load="module-native-protocol-unix auth-anonymous=1" \
    --load="module-null-sink sink_name=vspk rate=48000 channels=2 sink_properties=device.description=Virtual-Speaker" \
    --load="module-null-sink sink_name=vmicsink rate=48000 channels=1 sink_properties=device.description=Voice-Into-Microphone" \
    --load="module-remap-source source_name=vmic master=vmicsink.monitor source_properties=device.description=Virtual-Microphone" \
    2>"$folder/sound-card.log" || true
  tries=0
  until runs; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ]; then
      echo "error: the virtual sound card did not start" >&2
      cat "$folder/sound-card.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  pactl set-default-sink vspk
  pactl set-default-source vmic
  cat "$folder/pulse/pid" >"$pids"
  # Readers that keep both sinks awake and in small blocks: without them a null sink runs in blocks of two seconds.
  for source in vmic vspk.monitor; do
    nohup parec -d $source --raw --latency-msec=10 >/dev/null 2>&1 </dev/null &
    echo $! >>"$pids"
  done
  tries=0
  while [ "$(pactl list short source-outputs | grep -c .)" -lt 2 ] && [ $tries -lt 50 ]; do sleep 0.1 && tries=$((tries + 1)); done
}

if [ $action = stop ]; then
  stop
else
  runs || start
  echo "export XDG_RUNTIME_DIR='$XDG_RUNTIME_DIR' PULSE_SERVER='$PULSE_SERVER'"
fi
