"""Runs exports in PyTorch YOLOv5, onnxruntime and OpenCV on one image; prints the largest differences as JSON.

usage: compare.py YOLOV5_FOLDER IMAGE REFERENCE.pt EXPORT.pt EXPORT.onnx
"""
import json
import sys
import warnings

warnings.simplefilter('ignore')
yolov5, image, reference, ours, onnx_file = sys.argv[1:]
sys.path.insert(0, yolov5)

import cv2
import numpy as np
import onnx
import onnxruntime
import torch
from models.experimental import attempt_load
from utils.augmentations import letterbox

torch.set_num_threads(1)
picture = letterbox(cv2.imread(image), (640, 640), auto=False)[0]
x = np.ascontiguousarray(picture.transpose(2, 0, 1)[::-1])[None].astype(np.float32) / 255


def by_torch(path):
    model = attempt_load(path)
    with torch.no_grad():
        return model(torch.from_numpy(x))[0].numpy(), model


golden, model = by_torch(reference)
read, again = by_torch(ours)
onnx.checker.check_model(onnx_file, full_check=True)
session = onnxruntime.InferenceSession(onnx_file, providers=['CPUExecutionProvider'])
output, = session.run(['output0'], {'images': x})
net = cv2.dnn.readNetFromONNX(onnx_file)
net.setInput(x)


def difference(y):
    # Pixels as fractions of the image, scores as they are.
    scale = np.r_[np.full(4, 640.0), np.ones(golden.shape[-1] - 4)]
    return float(np.abs((y.reshape(golden.shape) - golden) / scale).max())


meta = session.get_modelmeta().custom_metadata_map
print(json.dumps({
    'pt': difference(read),
    'onnxruntime': difference(output),
    'opencv': difference(net.forward()),
    'names': again.names == model.names and eval(meta['names']) == model.names,
    'stride': int(meta['stride']) == int(model.stride.max()),
}))
