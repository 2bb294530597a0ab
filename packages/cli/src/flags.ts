/** Every flag of the command line: the settings, and what only the command line has. */
import { list, SETTINGS, setting, text, toggle, whole } from '@froyolo/run/settings';

const COMMAND_LINE_ONLY = [
  setting('json', toggle(), {
    in: ['params', 'plan', 'devices'],
    default: false,
    help: 'print JSON, with bytes and FLOPs as numbers',
  }),
  setting('picture', text(), {
    in: ['plan'],
    value: 'file',
    help: 'also draw memory and time by depth, as SVG',
  }),
  setting('annotations', text(), {
    in: ['data convert'],
    value: 'folder',
    otherwise: 'in the source',
    help: 'VOC: folder of XML files',
  }),
  setting('images', text(), {
    in: ['data convert'],
    value: 'folder',
    otherwise: 'in the source',
    help: 'folder of images',
  }),
  setting('imageSets', text(), {
    in: ['data convert'],
    value: 'folder',
    otherwise: 'ImageSets/Main in the source',
    help: 'VOC: folder of train.txt, val.txt, test.txt',
  }),
  setting('out', text(), {
    in: ['data convert'],
    value: 'folder',
    required: ['data convert'],
    help: 'folder of the new dataset; it must be empty or not there',
  }),
  setting('existOk', toggle(), {
    in: ['data convert'],
    default: false,
    help: 'replace images, labels and data.yaml that are in the folder',
  }),
  setting('classes', list(text()), {
    in: ['data convert'],
    value: 'names',
    otherwise: 'all',
    help: 'classes in order: dog,cat or dog cat; objects of others are left out',
  }),
  setting('keepCrowds', toggle(), {
    in: ['data convert'],
    default: false,
    help: 'COCO: keep objects marked crowd, as CVAT marks masks',
  }),
  setting('valEvery', whole({ max: 1_000_000 }), {
    in: ['data convert'],
    value: 'n',
    otherwise: '5',
    help: 'without a validation set, hold out every n-th image; 0 for none',
  }),
  setting('bench', toggle(), {
    in: ['devices'],
    default: false,
    help: 'measure a training step on each: yolov5n, 320 px, batch 8, freeze 10',
  }),
  setting('probe', text(), { in: ['devices'], value: 'device', hidden: true, help: 'try one device' }),
] as const;

export const FLAGS = [...SETTINGS, ...COMMAND_LINE_ONLY] as const;
