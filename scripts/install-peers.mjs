// Installs what exports are compared with: YOLOv5 v7.0 and a Python environment that runs it, OpenCV, onnxruntime and, in an
// environment of its own, TensorFlow.
// usage: node scripts/install-peers.mjs FOLDER [PYTHON], a Python 3.10 or 3.11 (default: python3); then: FROYOLO_PEERS=FOLDER npx vitest run tests/peers
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [folder, base = 'python3'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node scripts/install-peers.mjs FOLDER [PYTHON]');
  process.exit(2);
}
const root = resolve(folder);
const python = join(root, 'venv/bin/python');
const source = join(root, 'yolov5');
/** Versions that v7.0 runs with: later ones of Pillow, NumPy and pandas removed what it calls. */
const PACKAGES = [
  'torch==2.9.1',
  'torchvision==0.24.1',
  'numpy<2',
  'pillow<10',
  'pandas<2.3',
  'setuptools<81',
  ...[
    'onnx',
    'onnxruntime',
    'opencv-python-headless',
    'matplotlib',
    'seaborn',
    'scipy',
    'pyyaml',
    'requests',
  ],
  ...['pycocotools', 'tqdm', 'psutil', 'gitpython', 'ipython', 'thop', 'tensorboard'],
];
/** Pillow 9 and NumPy 1 have no wheels for later ones, PyTorch 2.9 none for earlier ones. */
const PYTHONS = ['3.10', '3.11'];
const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' });

const minor = 'import sys; print("%d.%d" % sys.version_info[:2])';
const version = execFileSync(base, ['-c', minor], { encoding: 'utf8' }).trim();
if (!PYTHONS.includes(version)) {
  console.error(`${base} is Python ${version}; name one of ${PYTHONS.join(' or ')}: such as python3.11`);
  process.exit(2);
}
mkdirSync(root, { recursive: true });
if (!existsSync(source))
  run('git', 'clone', '--depth', '1', '--branch', 'v7.0', 'https://github.com/ultralytics/yolov5', source);
if (!existsSync(python)) run(base, '-m', 'venv', join(root, 'venv'));
run(python, '-m', 'pip', 'install', '--quiet', ...PACKAGES);
// TensorFlow needs another NumPy than YOLOv5.
const tensorflow = join(root, 'tensorflow');
if (!existsSync(tensorflow)) run(base, '-m', 'venv', tensorflow);
run(join(tensorflow, 'bin/python'), '-m', 'pip', 'install', '--quiet', 'tensorflow-cpu>=2.15');
// The font that its pictures are labeled with; it would be downloaded.
const code = 'import matplotlib; print(matplotlib.get_data_path())';
const fonts = execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim();
mkdirSync(join(root, 'config'), { recursive: true });
cpSync(join(fonts, 'fonts/ttf/DejaVuSans.ttf'), join(root, 'config/Arial.ttf'));
console.log(`FROYOLO_PEERS=${root}`);
