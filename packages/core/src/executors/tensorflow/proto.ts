/** The messages of a SavedModel that are written here, by field number (tensorflow/core/protobuf and core/framework). */
import protobuf from 'protobufjs/light.js';

/** `[number, type]`, with `repeated` or a map's key type where it has one. */
type Field = readonly [id: number, type: string, kind?: 'repeated' | 'map'];

const MESSAGES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  SavedModel: { savedModelSchemaVersion: [1, 'int64'], metaGraphs: [2, 'MetaGraphDef', 'repeated'] },
  MetaGraphDef: {
    metaInfoDef: [1, 'MetaInfoDef'],
    graphDef: [2, 'GraphDef'],
    signatureDef: [5, 'SignatureDef', 'map'],
  },
  MetaInfoDef: { tags: [4, 'string', 'repeated'], tensorflowVersion: [5, 'string'] },
  SignatureDef: {
    inputs: [1, 'TensorInfo', 'map'],
    outputs: [2, 'TensorInfo', 'map'],
    methodName: [3, 'string'],
  },
  TensorInfo: { name: [1, 'string'], dtype: [2, 'int32'], tensorShape: [3, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [2, 'Dim', 'repeated'] },
  Dim: { size: [1, 'int64'] },
  GraphDef: { node: [1, 'NodeDef', 'repeated'], versions: [4, 'VersionDef'] },
  VersionDef: { producer: [1, 'int32'] },
  NodeDef: {
    name: [1, 'string'],
    op: [2, 'string'],
    input: [3, 'string', 'repeated'],
    attr: [5, 'AttrValue', 'map'],
  },
  AttrValue: {
    list: [1, 'ListValue'],
    s: [2, 'bytes'],
    i: [3, 'int64'],
    f: [4, 'float'],
    b: [5, 'bool'],
    type: [6, 'int32'],
    shape: [7, 'TensorShapeProto'],
    tensor: [8, 'TensorProto'],
  },
  ListValue: { s: [2, 'bytes', 'repeated'], i: [3, 'int64', 'repeated'] },
  TensorProto: { dtype: [1, 'int32'], tensorShape: [2, 'TensorShapeProto'], tensorContent: [4, 'bytes'] },
};

function fieldOf([id, type, kind]: Field): protobuf.IField {
  if (kind === 'map') return { id, type, keyType: 'string' } as protobuf.IMapField;
  return kind === 'repeated' ? { id, type, rule: 'repeated' } : { id, type };
}

const types: Record<string, protobuf.IType> = Object.fromEntries(
  Object.entries(MESSAGES).map(([name, fields]) => [
    name,
    { fields: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, fieldOf(field)])) },
  ]),
);

const root = protobuf.Root.fromJSON({ nested: types });

export interface TensorShapeProto {
  readonly dim: readonly { readonly size: number }[];
}

export interface TensorInfo {
  readonly name: string;
  readonly dtype: number;
  readonly tensorShape: TensorShapeProto;
}

export interface AttrValue {
  readonly list?: { readonly i?: readonly number[]; readonly s?: readonly Uint8Array[] };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: TensorShapeProto;
  readonly tensor?: {
    readonly dtype: number;
    readonly tensorShape: TensorShapeProto;
    readonly tensorContent: Uint8Array;
  };
}

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** `NODE`, `NODE:OUTPUT`, or `^NODE` for one that must only have run. */
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

export interface SignatureDef {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly outputs: Readonly<Record<string, TensorInfo>>;
  readonly methodName: string;
}

/** Version of TensorFlow 2.9's graphs, which every later one reads. */
export const GRAPH_VERSION = 1087;

const graphDef = (nodes: readonly NodeDef[]) => ({ node: nodes, versions: { producer: GRAPH_VERSION } });

/** Bytes of a GraphDef, as a frozen graph's `.pb` holds it. */
export function encodeGraphDef(nodes: readonly NodeDef[]): Uint8Array {
  return root.lookupType('GraphDef').encode(graphDef(nodes)).finish();
}

/** Bytes of `saved_model.pb`. */
export function encodeSavedModel(
  nodes: readonly NodeDef[],
  signatures: Readonly<Record<string, SignatureDef>>,
): Uint8Array {
  const model = {
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'], tensorflowVersion: '2.9.0' },
        graphDef: graphDef(nodes),
        signatureDef: signatures,
      },
    ],
  };
  return root.lookupType('SavedModel').encode(model).finish();
}
