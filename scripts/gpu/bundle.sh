#!/usr/bin/env bash
# Packs what check.sh needs for a Linux machine (x64, one NVIDIA GPU) without network, in parts of at most PART bytes.
#   bundle.sh OUT [SHARED] [YOLOV5]   SHARED: folder with goldens and weights; YOLOV5: a checkout to time PyTorch with
# On the other machine: setup.sh PARTS FOLDER, then check.sh FOLDER. It must have CUDA 13 and cuDNN 9, as PyTorch's wheels
# bring them; for WebGPU also Chromium (on the path, or FROYOLO_CHROMIUM) and Vulkan's loader. Needs here: pip, g++, xz, about 6 GB and ten minutes. Kernels of other architectures than ARCH are zeroed.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd); REPO=$(cd "$HERE/../.." && pwd)
OUT=$(mkdir -p "$1" && cd "$1" && pwd); SHARED=${2:-}; YOLOV5=${3:-}
PART=${PART:-56000000}; ARCH=${ARCH:-90}; TENSORFLOW=2.19.1; CUDART=12.5.82
PNPM=$REPO/node_modules/.pnpm
one() { ls -d "$PNPM"/$1 | sort -V | tail -1; } # the newest of several versions
TFJS=$(one '@tensorflow+tfjs-node@*/node_modules/@tensorflow/tfjs-node')
ORT=$(one 'onnxruntime-node@*/node_modules/onnxruntime-node'); COMMON=$(one 'onnxruntime-common@*/node_modules/onnxruntime-common')
ESBUILD=$(one 'esbuild@*/node_modules/esbuild/bin/esbuild')
VERSION=$(node -p "require('$ORT/package.json').version")
WORK=$OUT/work; WHEELS=$WORK/wheels; mkdir -p "$WHEELS" "$WORK/trimmed" "$WORK/chunks"

wheel() {
  ls "$WHEELS"/"${1//-/_}"-"$2"-*.whl >/dev/null 2>&1 && return
  python3 -m pip download -q --no-deps --only-binary=:all: -d "$WHEELS" "$1==$2" --python-version 3.12 --implementation cp \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64
}

trimmed() { # LIBRARY: without other architectures' kernels and without symbols
  local name; name=$(basename "$1"); [ -e "$WORK/trimmed/$name" ] && return
  python3 "$HERE/trim_fatbin.py" "$1" "$WORK/$name.whole" "$ARCH"
  case $name in libonnx*) mv "$WORK/$name.whole" "$WORK/trimmed/$name" ;; *) strip -s -o "$WORK/trimmed/$name" "$WORK/$name.whole" ;; esac
  rm -f "$WORK/$name.whole"; split -b 100000000 -d -a 2 "$WORK/trimmed/$name" "$WORK/chunks/$name."
}

libraries() {
  wheel tensorflow "$TENSORFLOW"; wheel onnxruntime-gpu "$VERSION"; wheel nvidia-cuda-runtime-cu12 "$CUDART"
  local x=$WORK/unpacked
  for file in "$WHEELS"/*.whl; do
    unzip -qn "$file" '*libtensorflow_*.so.2' 'tensorflow/include/*' '*libonnxruntime_providers_*.so' '*libcudart.so.12' -d "$x" || [ $? = 11 ]
  done
  trimmed "$x/tensorflow/libtensorflow_cc.so.2"; trimmed "$x/tensorflow/libtensorflow_framework.so.2"
  trimmed "$x/onnxruntime/capi/libonnxruntime_providers_cuda.so"
  find "$WORK/chunks" -name '*.[0-9][0-9]' -print0 | xargs -0 -r -P "$(nproc)" -n 1 nice xz -4 -T1
}

addon() { # tfjs-node-gpu: its JavaScript as one file, its addon compiled against TensorFlow's CUDA build
  local target=$1 x=$WORK/unpacked/tensorflow
  mkdir -p "$target/dist" "$target/lib/napi-v8"
  sed 's#"@tensorflow/tfjs-node"#"@tensorflow/tfjs-node-gpu"#' "$TFJS/package.json" > "$target/package.json"
  "$ESBUILD" "$TFJS/dist/index.js" --bundle --platform=node --format=cjs --main-fields=main --minify --log-level=error \
    --outfile="$target/dist/index.js" --external:mock-aws-s3 --external:aws-sdk --external:nock '--external:*.html'
  [ -e "$WORK/tfjs_binding.node" ] || g++ -std=c++17 -shared -fPIC -O2 -DNAPI_VERSION=8 '-Wl,-rpath,$ORIGIN/../../deps/lib' \
    -I"$(one 'node-api-headers@*/node_modules/node-api-headers/include')" -I"$x/include" -I"$TFJS" "$TFJS"/binding/tfjs_b*.cc \
    "$x/libtensorflow_cc.so.2" "$x/libtensorflow_framework.so.2" -o "$WORK/tfjs_binding.node"
  cp "$WORK/tfjs_binding.node" "$target/lib/napi-v8/"
}

base() {
  local site=$WORK/site; rm -rf "$site"; mkdir -p "$site/node_modules/@tensorflow" "$site/shared"
  addon "$site/node_modules/@tensorflow/tfjs-node-gpu"
  mkdir -p "$site/node_modules/onnxruntime-node/bin/napi-v6/linux" "$site/node_modules/onnxruntime-common"
  cp -r "$ORT/package.json" "$ORT/dist" "$site/node_modules/onnxruntime-node/"
  cp -r "$ORT/bin/napi-v6/linux/x64" "$site/node_modules/onnxruntime-node/bin/napi-v6/linux/"
  cp -r "$COMMON/package.json" "$COMMON/dist" "$site/node_modules/onnxruntime-common/"
  cp "$WORK/unpacked/onnxruntime/capi/libonnxruntime_providers_shared.so" "$(find "$WORK/unpacked" -name libcudart.so.12)" "$site/"
  echo 'export const expect = () => { throw new Error("no test runs here"); };' > "$WORK/no-vitest.mjs"
  # One page to time steps in, one whose worker runs graphs that Node sends.
  (cd "$REPO/packages/web" && for page in bench:"$REPO/bench/page" executor:"$REPO/packages/chromium/page"; do
    node_modules/.bin/vite build "${page#*:}" --config vite.config.ts --outDir "$site/pages/${page%%:*}" --emptyOutDir --logLevel error
  done)
  # Both bring the same WebAssembly: packed once.
  for file in "$site"/pages/executor/assets/*; do
    cmp -s "$file" "$site/pages/bench/assets/${file##*/}" && ln -f "$site/pages/bench/assets/${file##*/}" "$file"
  done
  cp -rL "$(one 'playwright-core@*/node_modules/playwright-core')" "$site/node_modules/"
  for script in bench parity chrome; do
    "$ESBUILD" "$HERE/$script.mjs" --bundle --platform=node --format=esm --tsconfig="$REPO/tsconfig.base.json" --log-level=error \
      --outfile="$site/$script.mjs" --alias:vitest="$WORK/no-vitest.mjs" --external:sharp '--external:@tensorflow/*' \
      '--external:onnxruntime*' --external:@froyolo/onnxruntime --external:playwright-core --external:vite \
      --banner:js="import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"
  done
  cp "$(readlink -f "$(command -v node)")" "$site/node"
  cp "$HERE/check.sh" "$HERE/table.mjs" "$HERE/torch_bench.py" "$site/"
  if [ -n "$SHARED" ]; then
    mkdir -p "$site/shared/goldens" "$site/shared/weights"
    cp "$SHARED"/goldens/{gradients.json,batch.safetensors} "$site/shared/goldens/"; cp "$SHARED/weights/yolov5n.pt" "$site/shared/weights/"
  fi
  if [ -n "$YOLOV5" ]; then
    mkdir -p "$site/yolov5/data/hyps"; cp -r "$YOLOV5/models" "$YOLOV5/utils" "$site/yolov5/"; cp "$YOLOV5/data/hyps/hyp.scratch-low.yaml" "$site/yolov5/data/hyps/"
  fi
  tar -C "$site" -cf - . | xz -4 -T0 > "$WORK/base.tar.xz"
}

parts() { # the base last: it alone changes with the code
  rm -rf "$OUT"/part-*; local number=0 size=0 file bytes; mkdir -p "$OUT/part-0"
  for file in "$WORK"/chunks/libtensorflow*.xz "$WORK"/chunks/libonnx*.xz "$HERE/setup.sh" "$WORK/base.tar.xz"; do
    bytes=$(stat -c %s "$file")
    [ "$bytes" -le "$PART" ] || { echo "$file has $bytes bytes, more than a part may have (PART=$PART)" >&2; exit 1; }
    if [ $((size + bytes)) -gt "$PART" ]; then number=$((number + 1)); size=0; mkdir -p "$OUT/part-$number"; fi
    ln "$file" "$OUT/part-$number/" 2>/dev/null || cp "$file" "$OUT/part-$number/"; size=$((size + bytes))
  done
  du -sb "$OUT"/part-*
}

libraries; base; parts
