"""One measurement of a PyTorch YOLOv5 checkout: reference.py DIR FREEZE | inference. Prints one line of JSON.

The same work as src/work.ts: yolov5n with 3 classes and random weights, 16 images of 320 px with ten targets each
(forward, loss, backward, clipping, optimiser), or one image of 640 px through the fused network and NMS.
"""
import contextlib
import io
import json
import resource
import sys
import time
import warnings

import torch

REPETITIONS = 8
warnings.filterwarnings("ignore")
directory, work = sys.argv[1:3]
sys.path.insert(0, directory)
torch.manual_seed(0)

with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    import yaml
    from models.yolo import Model
    from utils.general import non_max_suppression
    from utils.loss import ComputeLoss

    model = Model(f"{directory}/models/yolov5n.yaml", ch=3, nc=3)


def training_step(depth):
    with open(f"{directory}/data/hyps/hyp.scratch-low.yaml") as file:
        model.hyp = yaml.safe_load(file)
    model.train()
    prefixes = [f"model.{i}." for i in range(depth)]
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not any(prefix in name for prefix in prefixes)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(trainable, lr=0.01, momentum=0.937, nesterov=True)
    loss_of = ComputeLoss(model)
    images = torch.rand(16, 3, 320, 320)
    index = torch.arange(160).float()
    spread = lambda step: (index * step) % 1
    targets = torch.stack(
        [
            (index / 10).floor(), index % 3, 0.2 + 0.6 * spread(0.618), 0.2 + 0.6 * spread(0.414),
            0.05 + 0.2 * spread(0.73), 0.05 + 0.2 * spread(0.27),
        ],
        1,
    )

    def run():
        loss, _ = loss_of(model(images), targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimiser.step()
        optimiser.zero_grad()

    return run


def inference():
    model.eval()
    model.fuse()
    image = torch.rand(1, 3, 640, 640)

    def run():
        with torch.no_grad():
            non_max_suppression(model(image)[0])

    return run


with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    run = inference() if work == "inference" else training_step(int(work))
best = float("inf")
for _ in range(REPETITIONS):
    start = time.perf_counter()
    run()
    best = min(best, time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
print(json.dumps({"seconds": best, "peakMegabytes": peak}))
