#!/usr/bin/env bash
# A disk that loses its power: ext4 on a loop device on nbdfuse on nbdkit with a write-back cache. What
# was not flushed is lost when nbdkit is killed. Needs root and, from Debian, nbdkit libnbd-bin fuse3.
#
#   scripts/powercut-rig.sh new DIR 512M   makes the disk
#   scripts/powercut-rig.sh up DIR         mounts it at DIR/mnt, behind the cache
#   scripts/powercut-rig.sh cut DIR        the power goes: nothing reaches the disk any more
#   scripts/powercut-rig.sh down DIR       takes the dead disk away; end whoever used it before
#   scripts/powercut-rig.sh after DIR      mounts what survived at DIR/mnt, without the cache
#   scripts/powercut-rig.sh off DIR        unmounts that
#   scripts/powercut-rig.sh end DIR        removes everything
set -euo pipefail

usage() {
  sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
  exit 64
}
[ $# -ge 2 ] || usage
word=$1
dir=$2

missing=()
for program in nbdkit:nbdkit nbdfuse:libnbd-bin fusermount3:fuse3 mkfs.ext4:e2fsprogs; do
  command -v "${program%%:*}" >/dev/null || missing+=("${program##*:}")
done
if [ ${#missing[@]} -ne 0 ]; then
  echo "powercut-rig: missing, by the names of Debian: ${missing[*]}" >&2
  exit 69
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "powercut-rig: only root may mount" >&2
  exit 77
fi

wait_for() {
  local tries=100
  until [ -e "$1" ]; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      echo "powercut-rig: no $1" >&2
      cat "$dir"/*.err >&2
      exit 70
    fi
    sleep 0.05
  done
}
attach() {
  losetup -f --show "$1" >"$dir/loop"
  mount -o noatime "$(cat "$dir/loop")" "$dir/mnt"
}
gone() {
  local tries=100
  while kill -0 "$1" 2>/dev/null && [ "$tries" -gt 0 ]; do
    tries=$((tries - 1))
    sleep 0.05
  done
}

case $word in
new)
  [ $# -eq 3 ] || usage
  mkdir -p "$dir/mnt" "$dir/fuse"
  truncate -s "$3" "$dir/disk.img"
  mkfs.ext4 -q -F "$dir/disk.img"
  ;;
up)
  rm -f "$dir/nbd.sock"
  # It goes to the background by itself, once it listens.
  rm -f "$dir/nbdkit.pid"
  nbdkit -P "$dir/nbdkit.pid" -U "$dir/nbd.sock" --filter=cache file "$dir/disk.img" \
    cache=writeback cache-min-block-size=4k cache-max-size=2G
  wait_for "$dir/nbdkit.pid"
  wait_for "$dir/nbd.sock"
  setsid nbdfuse "$dir/fuse/disk" "nbd+unix:///?socket=$dir/nbd.sock" </dev/null >/dev/null \
    2>"$dir/nbdfuse.err" &
  echo $! >"$dir/nbdfuse.pid"
  wait_for "$dir/fuse/disk"
  attach "$dir/fuse/disk"
  ;;
cut)
  kill -9 "$(cat "$dir/nbdkit.pid")"
  gone "$(cat "$dir/nbdkit.pid")"
  ;;
down)
  umount -l "$dir/mnt"
  losetup -d "$(cat "$dir/loop")" || true
  kill -9 "$(cat "$dir/nbdfuse.pid")" 2>/dev/null || true
  gone "$(cat "$dir/nbdfuse.pid")"
  umount -l "$dir/fuse" 2>/dev/null || true
  # The kernel lets go of a dead loop device a little later.
  sleep 0.5
  ;;
after)
  attach "$dir/disk.img"
  ;;
off)
  umount "$dir/mnt"
  losetup -d "$(cat "$dir/loop")"
  ;;
end)
  # However far it came.
  for name in nbdkit nbdfuse; do
    if [ -s "$dir/$name.pid" ]; then
      kill -9 "$(cat "$dir/$name.pid")" 2>/dev/null || true
      gone "$(cat "$dir/$name.pid")"
    fi
  done
  umount -l "$dir/mnt" 2>/dev/null || true
  umount -l "$dir/fuse" 2>/dev/null || true
  rm -rf "$dir"
  ;;
*)
  usage
  ;;
esac
