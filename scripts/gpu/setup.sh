#!/usr/bin/env bash
# Puts the parts that bundle.sh made together again, on the machine with the GPU.
#   setup.sh PARTS FOLDER
set -euo pipefail
mkdir -p "$2"; PARTS=$(cd "$1" && pwd); cd "$2"; TARGET=$PWD
# xz may be missing where Python is.
cat > unxz.sh <<'U'
xz -dc "$1" 2> /dev/null || python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"
U
bash unxz.sh "$PARTS/base.tar.xz" | tar -xf -; chmod +x node; mkdir -p bin; ln -sf "$TARGET/node" bin/node
# Chunks are decompressed side by side, then joined.
ls "$PARTS"/*.so*.xz | xargs -P 16 -I{} sh -c 'bash unxz.sh "$1" > "$2/$(basename "$1" .xz)"' _ {} "$TARGET"
for first in *.00; do library=${first%.00}; cat "$library".[0-9][0-9] > "$library"; rm "$library".[0-9][0-9]; done
ADDON=node_modules/@tensorflow/tfjs-node-gpu; mkdir -p "$ADDON/deps/lib"
mv libtensorflow_cc.so.2 libtensorflow_framework.so.2 "$ADDON/deps/lib/"
ORT=node_modules/onnxruntime-node/bin/napi-v6/linux/x64
[ -e libonnxruntime_providers_cuda.so ] && mv libonnxruntime_providers_*.so "$ORT/"
# CUDA and cuDNN of PyTorch's wheels, else of the system.
NVIDIA=$(python3 -c 'import nvidia; print(list(nvidia.__path__)[0])' 2> /dev/null) || NVIDIA=
CUDA=${NVIDIA:+$NVIDIA/cu13/lib}; CUDA=${CUDA:-/usr/local/cuda/lib64}; CUDNN=${NVIDIA:+:$NVIDIA/cudnn/lib}
# TensorFlow asks for CUDA 12's libraries by name; those of CUDA 13 do.
mkdir -p cuda12; mv libcudart.so.12 cuda12/
for name in cublas:12 cublasLt:12 cufft:11 cusolver:11 cusparse:12; do
  found=$(ls "$CUDA/lib${name%:*}.so".* 2> /dev/null | head -1) || true
  [ -n "$found" ] || { echo "$CUDA has no lib${name%:*}.so: no CUDA device will open" >&2; continue; }
  ln -sf "$found" "cuda12/lib${name%:*}.so.${name#*:}"
done
echo "export PATH=$TARGET/bin:\$PATH LD_LIBRARY_PATH=$TARGET/cuda12$CUDNN:$CUDA" > env.sh
ls -la . cuda12 | head -40
