/** The transformer block of C3TR: linear layers and attention over the pixels of a feature map, without normalization. */
import { type Dim, type Node, ops } from '@froyolo/core';
import { sequential } from './blocks.js';
import type { Forward, Run, Scope } from './scope.js';

/** x `[..., c1]` to `[..., c2]`. */
function linear(scope: Scope, c1: number, c2: number, withBias: boolean): Forward {
  const sizes = { in_features: c1, out_features: c2 };
  scope.module('torch.nn.modules.linear.Linear', sizes, withBias ? [] : ['bias']);
  const weight = scope.parameter('weight', [c2, c1], 'linear.weight');
  const bias = withBias ? scope.parameter('bias', [c2], 'linear.bias') : undefined;
  return (x, run) => affine(x, weight(run), bias?.(run));
}

function affine(x: Node, weight: Node, bias?: Node): Node {
  const y = ops.matmul(x, ops.transpose(weight, [1, 0]));
  return bias ? ops.add(y, bias) : y;
}

/** Queries, keys and values, each `[N, L, channels]`. */
type Attention = (q: Node, k: Node, v: Node, run: Run) => Node;

/** Scaled dot-product attention with several heads (Vaswani et al., 2017); parameters as PyTorch's MultiheadAttention. */
function multiHeadAttention(scope: Scope, channels: number, heads: number): Attention {
  declareAttention(scope, channels, heads);
  const inWeight = scope.parameter('in_proj_weight', [3 * channels, channels], 'attention.weight');
  const inBias = scope.parameter('in_proj_bias', [3 * channels], 'attention.bias');
  const out = scope.child('out_proj').module('torch.nn.modules.linear.NonDynamicallyQuantizableLinear', {
    in_features: channels,
    out_features: channels,
  });
  const outWeight = out.parameter('weight', [channels, channels], 'linear.weight');
  const outBias = out.parameter('bias', [channels], 'attention.bias');
  return (q, k, v, run) => {
    const [weight, bias] = [inWeight(run), inBias(run)];
    const [query, key, value] = [q, k, v].map((x, i) => {
      const part = (y: Node) => ops.slice(y, 0, i * channels, (i + 1) * channels);
      return splitHeads(affine(x, part(weight), part(bias)), heads);
    });
    const scores = ops.matmul(ops.mul(query, Math.sqrt(heads / channels)), ops.transpose(key, [0, 1, 3, 2]));
    const mixed = ops.matmul(ops.softmax(scores), value);
    return affine(joinHeads(mixed), outWeight(run), outBias(run));
  };
}

function declareAttention(scope: Scope, channels: number, heads: number): void {
  const attributes = {
    embed_dim: channels,
    kdim: channels,
    vdim: channels,
    head_dim: channels / heads,
    num_heads: heads,
    _qkv_same_embed_dim: true,
    dropout: { float: 0 },
    batch_first: false,
    add_zero_attn: false,
  };
  const absent = ['q_proj_weight', 'k_proj_weight', 'v_proj_weight', 'bias_k', 'bias_v'];
  scope.module('torch.nn.modules.activation.MultiheadAttention', attributes, absent);
}

/** `[N, L, C]` to `[N, heads, L, C / heads]`. */
function splitHeads(x: Node, heads: number): Node {
  const [n, length, channels] = x.shape as [Dim, number, number];
  return ops.transpose(ops.reshape(x, [n, length, heads, channels / heads]), [0, 2, 1, 3]);
}

/** Undoes `splitHeads`. */
function joinHeads(x: Node): Node {
  const [n, heads, length, width] = x.shape as [Dim, number, number, number];
  return ops.reshape(ops.transpose(x, [0, 2, 1, 3]), [n, length, heads * width]);
}

function transformerLayer(scope: Scope, channels: number, heads: number): Forward {
  scope.module('models.common.TransformerLayer');
  const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(scope.child(name), channels, channels, false));
  const attention = multiHeadAttention(scope.child('ma'), channels, heads);
  const [fc1, fc2] = ['fc1', 'fc2'].map((name) => linear(scope.child(name), channels, channels, false));
  return (x, run) => {
    const y = ops.add(attention(q(x, run), k(x, run), v(x, run), run), x);
    return ops.add(fc2(fc1(y, run), run), y);
  };
}

/** `[N, C, H, W]` to the same shape; the pixels' positions aren't told, a linear layer of their values is added. */
export function transformerBlock(scope: Scope, channels: number, heads: number, repeats: number): Forward {
  scope.module('models.common.TransformerBlock', { conv: null, c2: channels });
  const embed = linear(scope.child('linear'), channels, channels, true);
  const layers = sequential(scope.child('tr'), repeats, (s) => transformerLayer(s, channels, heads));
  return (x, run) => {
    const [n, c, h, w] = x.shape as [Dim, number, number, number];
    const pixels = ops.transpose(ops.reshape(x, [n, c, h * w]), [0, 2, 1]);
    const y = layers(ops.add(pixels, embed(pixels, run)), run);
    return ops.reshape(ops.transpose(y, [0, 2, 1]), [n, c, h, w]);
  };
}
