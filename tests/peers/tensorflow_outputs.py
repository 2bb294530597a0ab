"""Runs a SavedModel, or a frozen graph, on images; writes its outputs as raw float32.

usage: tensorflow_outputs.py MODEL IMAGES.f32 OUTPUT_PREFIX N H W C
"""
import sys

import numpy as np
import tensorflow as tf

model, images, prefix = sys.argv[1:4]
x = np.fromfile(images, np.float32).reshape([int(size) for size in sys.argv[4:]])
if model.endswith('.pb'):
    graph = tf.Graph().as_graph_def()
    graph.ParseFromString(open(model, 'rb').read())
    wrapped = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(graph, name=''), [])
    known = {node.name for node in graph.node}
    outputs = [name for name in ('Identity', 'Identity_1', 'Identity_2', 'Identity_3') if name in known]
    run = wrapped.prune(wrapped.graph.as_graph_element('x:0'), [f'{name}:0' for name in outputs])
    results = run(tf.constant(x))
else:
    run = tf.saved_model.load(model).signatures['serving_default']
    found = run(images=tf.constant(x))
    results = [found[name] for name in sorted(found)]
for i, value in enumerate(results):
    value.numpy().astype(np.float32).tofile(f'{prefix}{i}')
print(len(results))
