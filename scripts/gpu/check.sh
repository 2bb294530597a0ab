#!/usr/bin/env bash
# All GPU checks and timings, on a machine with an NVIDIA GPU and no network, after setup.sh. At most 8 minutes.
#   check.sh FOLDER [PART…]     FOLDER: what setup.sh made; parts by default: ours parity torch formats half ort rest
# Prints lines that start with PARITY, OURS, TORCH, all together once more at the end. What LIMIT seconds leave no time for is
# left out, and said to be.
set -uo pipefail
cd "$1" && shift; . ./env.sh
PARTS=${*:-ours parity torch formats half ort rest}; LIMIT=${LIMIT:-450}
LOG=${OUT:-$PWD}/gpu.log; : > "$LOG"
say() { echo "[$SECONDS s] $*" | tee -a "$LOG"; }
# run SECONDS COMMAND…: what is said on the way is shown only where it fails
run() {
  [ "$SECONDS" -lt "$LIMIT" ] || { say "no time left for: ${*:2}"; return; }
  timeout "$1" "${@:2}" 2> err.log | tee -a "$LOG"
  [ "${PIPESTATUS[0]}" = 0 ] || { say "ended early: ${*:2}"; tail -c 1500 err.log; }
}
bench() { run "$1" node bench.mjs "${@:2}"; }
export TF_CPP_MIN_LOG_LEVEL=2 TF_FORCE_GPU_ALLOW_GROWTH=true

nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used --format=csv,noheader | tee -a "$LOG"

# The largest step last: the memory that a process holds only grows.
ours() {
  bench 60 tf-cuda yolov5n 320 16 24,10,0 40 5
  bench 90 tf-cuda yolov5m 512 48 24,10,0 20 6
}

parity() { NVIDIA_TF32_OVERRIDE=0 run 75 node parity.mjs tf-cuda shared; }

torch() { [ -d yolov5 ] && run 130 python3 torch_bench.py yolov5; }

formats() {
  bench 45 tf-cuda,format=NCHW,fuseBatchNorm=true yolov5n 320 16 24,10,0 30 4
  bench 75 tf-cuda,format=NCHW,fuseBatchNorm=true yolov5m 512 48 24,10,0 15 5
}

half() {
  bench 45 tf-cuda,format=NHWC,fuseBatchNorm=true,half=true yolov5n 320 16 24,10,0 30 4
  bench 75 tf-cuda,format=NHWC,fuseBatchNorm=true,half=true yolov5m 512 48 24,10,0 15 5
  bench 30 tf-cuda,format=NCHW,fuseBatchNorm=true,half=true yolov5m 512 48 10 15 5
}

ort() {
  [ -d node_modules/onnxruntime-node ] || return
  bench 25 ort-cuda yolov5n 320 16 24 40 4
  bench 25 ort-cuda yolov5m 512 48 24 20 5
}

rest() {
  TF_CUDNN_USE_AUTOTUNE=0 bench 30 tf-cuda yolov5n 320 16 10,0 20 3
  TF_CUDNN_USE_AUTOTUNE=0 bench 30 tf-cuda yolov5m 512 48 10,0 10 4
  TF_XLA_FLAGS=--tf_xla_auto_jit=2 XLA_FLAGS=--xla_gpu_cuda_data_dir=/usr/local/cuda bench 60 tf-cuda yolov5n 320 16 10 20 5
  bench 25 tf-cuda,format=NCHW,fuseBatchNorm=false yolov5n 320 16 0 20 4
  bench 25 ort-cuda yolov5n 320 16 10 20 4
}

for part in $PARTS; do say "--- $part"; "$part"; done
say "--- results"
grep -E '^(OURS|TORCH|PARITY)' "$LOG" | cut -c1-220
