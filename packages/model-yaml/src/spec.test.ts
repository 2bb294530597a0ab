import { describe, expect, test } from 'vitest';
import { architectureYaml } from './architectures.js';
import { ModelYamlError } from './errors.js';
import { buildModel } from './model.js';
import { parseModelYaml } from './spec.js';

const YAML = `nc: 2
depth_multiple: 1.0
width_multiple: 1.0
anchors:
  - [10, 13, 16, 30]
backbone:
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 2, C3, [8]]
head:
  - [[-1], 1, Detect, [nc, anchors]]
`;

const build = (yaml: string) => buildModel(parseModelYaml(yaml, { fileName: 'tiny.yaml' }));

function messageOf(yaml: string): string {
  try {
    build(yaml);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelYamlError);
    return (error as Error).message;
  }
  throw new Error('no error');
}

describe('errors say file and line', () => {
  test.each([
    ['not YAML', YAML.replace('[10, 13, 16, 30]', '[10, 13'), /^tiny\.yaml:6: /],
    ['no mapping', '- 1', /^tiny\.yaml:1: needs a mapping/],
    ['no classes', YAML.replace('nc: 2', 'nc: many'), /^tiny\.yaml:1: nc: /],
    ['no head', YAML.slice(0, YAML.indexOf('head')), /^tiny\.yaml:1: head: /],
    ['anchors not in pairs', YAML.replace('16, 30', '16'), /^tiny\.yaml:5: anchors\[0\]: needs pairs/],
    ['row too short', YAML.replace('[-1, 2, C3, [8]]', '[-1, 2, C3]'), /^tiny\.yaml:8: backbone\[1\]: /],
    [
      'unknown module',
      YAML.replace('C3', 'C9'),
      /^tiny\.yaml:8: layer 1 \(C9\): .*not supported; supported: Conv, /,
    ],
    ['inherited name', YAML.replace('C3', 'toString'), /^tiny\.yaml:8: .*not supported/],
    [
      'wrong argument',
      YAML.replace('[8]]', '[8, maybe]]'),
      /^tiny\.yaml:8: .*argument 2 \(shortcut\) should be True/,
    ],
    ['missing channels', YAML.replace('[8]]', '[]]'), /^tiny\.yaml:8: .*argument 1 \(channels\).*is null/],
    ['source after', YAML.replace('[[-1], 1', '[[5], 1'), /^tiny\.yaml:10: .*"from" 5 is not a layer before/],
    ['levels without anchors', YAML.replace('[[-1], 1', '[[0, 1], 1'), /^tiny\.yaml:10: .*reads 2 levels/],
    [
      'no anchors for Detect',
      YAML.replace(/anchors:\n.*\n/, ''),
      /^tiny\.yaml:8: .*reads 1 levels, but there are anchors for 0/,
    ],
    ['no Detect', YAML.replace('Detect, [nc, anchors]', 'Conv, [8]'), /^tiny\.yaml:10: .*Detect has to be/],
    ['activation', `${YAML}activation: nn.Sin()`, /^tiny\.yaml: activation nn\.Sin\(\) is not supported/],
    ['code', YAML.replace('[8]]', '["__import__(1)"]]'), /^tiny\.yaml:8: .*should be a whole number/],
  ])('%s', (_what, yaml, message) => {
    expect(messageOf(yaml)).toMatch(message);
  });

  test('sizes that do not fit name the layer', () => {
    const yolov5n = buildModel(parseModelYaml(architectureYaml('yolov5n')));
    expect(() => yolov5n.macs(100)).toThrow(
      /^model\.yaml:\d+: layer 12 \(Concat\): .*multiples of the largest stride/,
    );
  });
});

describe('overrides', () => {
  test('classes, anchors and channels', () => {
    const spec = parseModelYaml(YAML, { numClasses: 7, anchors: [[1, 2]], channels: 1 });
    const model = buildModel(spec);
    expect(model.numClasses).toBe(7);
    expect(model.anchors).toEqual([[[1, 2]]]);
    expect(model.parameters[0].shape).toEqual([8, 1, 3, 3]);
    expect(model.parameters.at(-1)!.shape).toEqual([12]);
  });

  test('a count of anchors gives placeholders', () => {
    expect(parseModelYaml(YAML, { anchors: 3 }).anchors).toEqual([
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    ]);
  });

  test('the source gives the same model again', () => {
    const spec = parseModelYaml(YAML, { numClasses: 7 });
    const again = parseModelYaml(JSON.parse(JSON.stringify(spec.source)) as object);
    expect(buildModel(again).parameters).toEqual(buildModel(spec).parameters);
    expect(again.source).toEqual(spec.source);
  });
});

test('repeats round half to even, widths up to multiples of 8', () => {
  const scaled = YAML.replace('depth_multiple: 1.0', 'depth_multiple: 0.5').replace(
    'width_multiple: 1.0',
    'width_multiple: 1.1',
  );
  const of = (repeats: number) => build(scaled.replace('2, C3', `${repeats}, C3`)).layers[1];
  expect([1, 3, 5, 6].map((repeats) => of(repeats).n)).toEqual([1, 2, 2, 3]);
  expect(of(3).args).toEqual([16, 16, 2]);
});

test('a repeated block is a sequence of its own names', () => {
  const model = build(YAML.replace('2, C3, [8]', '2, Bottleneck, [8]'));
  const names = model.parameters.map(({ name }) => name);
  expect(names).toContain('model.1.0.cv1.conv.weight');
  expect(names).toContain('model.1.1.cv2.bn.bias');
});
