#!/usr/bin/env bash
# All GPU checks and timings, on a machine with an NVIDIA GPU and no network, after setup.sh. At most 8 minutes: what LIMIT
# seconds leave no time for is left out, and said to be. Prints one table at the end; all lines are in gpu.log.
#   check.sh [--dry-run] FOLDER [PART…]     FOLDER: what setup.sh made; --dry-run prints what would run
# Parts, by default all in this order: ours parity torch half chrome ort formats rest.
set -uo pipefail
DRY=; [ "${1:-}" = --dry-run ] && { DRY=1; shift; }
[ -f "${1:-}/env.sh" ] || { echo "usage: check.sh [--dry-run] FOLDER [PART…]; FOLDER has an env.sh" >&2; exit 2; }
cd "$1" && shift; . ./env.sh
PARTS=${*:-ours parity torch half chrome ort formats rest}; LIMIT=${LIMIT:-470}
for part in $PARTS; do
  case $part in ours|parity|torch|half|chrome|ort|formats|rest) ;; *) echo "there is no part $part" >&2; exit 2 ;; esac
done
LOG=${OUT:-$PWD}/gpu.log; : > "$LOG"
say() { echo "[$SECONDS s] $*" | tee -a "$LOG"; }
# run SECONDS COMMAND…: what is said on the way is shown only where it fails
run() {
  [ -z "$DRY" ] || { echo "would run, at most $1 s: ${*:2}"; return; }
  local left=$((LIMIT - SECONDS)); [ "$left" -ge 15 ] || { say "no time left for: ${*:2}"; return; }
  timeout -k 5 "$(($1 < left ? $1 : left))" "${@:2}" 2> err.log | tee -a "$LOG"
  [ "${PIPESTATUS[0]}" = 0 ] || { say "ended early: ${*:2}"; tail -c 1500 err.log; }
}
bench() { run "$1" node bench.mjs "${@:2}"; }
export TF_CPP_MIN_LOG_LEVEL=2 TF_FORCE_GPU_ALLOW_GROWTH=true

run 10 nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used --format=csv,noheader

# The largest step last: the memory that a process holds only grows.
ours() {
  bench 60 tf-cuda yolov5n 320 16 24,10,0 40 5
  bench 90 tf-cuda yolov5m 512 48 24,10,0 20 6
}

parity() {
  run 75 env NVIDIA_TF32_OVERRIDE=0 node parity.mjs tf-cuda shared
  [ ! -d pages ] || run 45 node parity.mjs chromium:wgsl
}

torch() { [ ! -d yolov5 ] || run 130 python3 torch_bench.py yolov5; }

half() {
  bench 45 tf-cuda,half=true yolov5n 320 16 24,10,0 30 4
  bench 75 tf-cuda,half=true yolov5m 512 48 24,10,0 15 5
}

chrome() {
  [ -d pages ] || return 0
  run 60 node chrome.mjs wgsl
  run 40 node chrome.mjs wgsl,half=true 10,0
  run 30 node chrome.mjs tfjs-webgpu 24,10
}

ort() {
  [ -d node_modules/onnxruntime-node ] || return 0
  bench 25 ort-cuda yolov5n 320 16 24 40 4
  bench 25 ort-cuda,half=true yolov5n 320 16 24 40 4
  bench 25 ort-cuda yolov5m 512 48 24 20 5
}

formats() {
  bench 45 tf-cuda,format=NCHW,fuseBatchNorm=true yolov5n 320 16 24,10,0 30 4
  bench 75 tf-cuda,format=NCHW,fuseBatchNorm=true yolov5m 512 48 24,10,0 15 5
  bench 30 tf-cuda,format=NCHW,fuseBatchNorm=true,half=true yolov5m 512 48 10 15 5
}

rest() {
  run 30 env TF_CUDNN_USE_AUTOTUNE=0 node bench.mjs tf-cuda,autotune=off yolov5n 320 16 10,0 20 3
  run 60 env TF_XLA_FLAGS=--tf_xla_auto_jit=2 XLA_FLAGS=--xla_gpu_cuda_data_dir=/usr/local/cuda \
    node bench.mjs tf-cuda,xla=on yolov5n 320 16 10 20 5
  bench 30 tf-cuda,programs=2 yolov5n 320 16 24,0 30 3
  bench 30 tf-cuda,programs=2,filters=OIHW yolov5n 320 16 24,0 30 3
  bench 25 tf-cuda,fuseBatchNorm=false yolov5n 320 16 0 20 4
  bench 20 tf-cuda,sumsByRow=true yolov5n 320 16 24 30 3
  run 25 env TF_GPU_THREAD_MODE=gpu_private node bench.mjs tf-cuda,threads=own yolov5n 320 16 24,0 30 3
  bench 25 ort-cuda yolov5n 320 16 10 20 4
}

for part in $PARTS; do say "--- $part"; "$part"; done
say "--- results"
[ -n "$DRY" ] || node table.mjs "$LOG"
