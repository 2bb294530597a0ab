"""One measurement of a PyTorch YOLOv5 checkout: reference.py DIR FREEZE | inference | epoch-FREEZE DATA_YAML. Prints one line of JSON.

The same work as src/work.ts: yolov5n with 3 classes and random weights, 16 images of 320 px with ten targets each
(forward, loss, backward, clipping, optimizer), one image of 640 px through the fused network and NMS, or an epoch of a
dataset through its loader and the same step.
"""
import contextlib
import io
import json
import os
import resource
import sys
import time
import warnings

import torch

REPETITIONS = 8
MANY_REPETITIONS = 40
EPOCHS = 3
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


def prepared(depth):
    """A function from images and targets to their accumulated gradients, and one that updates by them."""
    with open(f"{directory}/data/hyps/hyp.scratch-low.yaml") as file:
        model.hyp = yaml.safe_load(file)
    model.train()
    prefixes = [f"model.{i}." for i in range(depth)]
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not any(prefix in name for prefix in prefixes)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trainable, lr=0.01, momentum=0.937, nesterov=True)
    loss_of = ComputeLoss(model)

    def gradients(images, targets):
        loss, _ = loss_of(model(images), targets)
        loss.backward()

    def update():
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        optimizer.zero_grad()

    return gradients, update


def training_step(depth):
    gradients, update = prepared(depth)
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
        gradients(images, targets)
        update()

    return run


def epoch(depth, data_yaml):
    """An epoch of the images in a dataset YAML: its loader with all cores, an update and an average every 64 images."""
    from utils.dataloaders import create_dataloader
    from utils.torch_utils import ModelEMA

    gradients, update = prepared(depth)
    average = ModelEMA(model)
    with open(data_yaml) as file:
        data = yaml.safe_load(file)
    folder = os.path.join(data["path"], data["train"])
    workers = os.cpu_count()
    loader, _ = create_dataloader(folder, 320, 16, 32, hyp=model.hyp, augment=True, workers=workers, shuffle=True)

    def run():
        for i, (images, targets, _, _) in enumerate(loader):
            gradients(images.float() / 255, targets)
            if i % 4 == 3:
                update()
                average.update(model)

    return run


def inference():
    model.eval()
    model.fuse()
    image = torch.rand(1, 3, 640, 640)

    def run():
        with torch.no_grad():
            non_max_suppression(model(image)[0])

    return run


def chosen():
    """What to run, and how often."""
    if work == "inference":
        return inference(), MANY_REPETITIONS
    if work.startswith("epoch-"):
        return epoch(int(work.removeprefix("epoch-")), sys.argv[3]), EPOCHS
    return training_step(int(work)), REPETITIONS


best = float("inf")
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    run, repetitions = chosen()
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
print(json.dumps({"seconds": best, "peakMegabytes": peak}))
