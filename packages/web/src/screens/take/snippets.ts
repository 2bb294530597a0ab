/** Code that uses each file. */
import type { TakenFormat } from '../../worker/api.js';

/** By format; the image size is that of the training. */
export const SNIPPETS: Readonly<Record<TakenFormat, (imgsz: number) => string>> = {
  pt: (imgsz) => `# in a checkout of YOLOv5 v7.0
python detect.py --weights best.pt --source pictures --imgsz ${imgsz}`,
  onnx: (imgsz) => `# pip install onnxruntime numpy pillow
import numpy as np, onnxruntime as ort
from PIL import Image

session = ort.InferenceSession("best.onnx")
image = Image.open("picture.jpg").convert("RGB").resize((${imgsz}, ${imgsz}))
pixels = np.asarray(image, np.float32).transpose(2, 0, 1)[None] / 255
rows = session.run(None, {"images": pixels})[0][0]  # center x, y, width, height, objectness, classes
scores = rows[:, 4:5] * rows[:, 5:]
print(rows[scores.max(1) > 0.25, :4], scores.max(1).max())`,
  tfjs: (imgsz) => `// npm install @tensorflow/tfjs; unzip best_web_model.zip beside the page
import * as tf from "@tensorflow/tfjs";

const model = await tf.loadGraphModel("best_web_model/model.json");
const image = tf.browser.fromPixels(document.querySelector("img"));
const x = tf.image.resizeBilinear(image, [${imgsz}, ${imgsz}]).div(255).expandDims();
const [boxes, scores, classes, counts] = await model.executeAsync(x);
console.log(await boxes.array(), await scores.array(), await classes.array(), await counts.array());`,
  safetensors: () => `# pip install safetensors numpy
from safetensors.numpy import load_file

for name, weights in load_file("best_weights.safetensors").items():
    print(name, weights.shape)`,
  checkpoint: (imgsz) => `npx froyolo detect --weights best.safetensors --source pictures --imgsz ${imgsz}`,
  page: () => '<iframe src="detector.html" allow="camera" width="800" height="640"></iframe>',
  last: () => 'npx froyolo train --resume last.safetensors --data data.yaml',
};
