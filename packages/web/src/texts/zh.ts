/** The texts of the page in Chinese. */
import { duration as inWords } from './duration.js';
import type { Texts } from './en.js';
import { size } from './numbers.js';
import { errors } from './zh-errors.js';
import { label } from './zh-label.js';
import { take } from './zh-take.js';
import { train } from './zh-train.js';

export const duration = (seconds: number) => inWords(seconds, '分', '秒', '小时');

export const zh: Texts = {
  title: 'Froyolo：在这个标签页里标注、训练和试用检测器',
  skip: '跳到正文',
  language: '语言',
  close: '关闭',
  cancel: '取消',
  save: '保存',
  which: '哪些？',
  steps: { title: '步骤', label: '图片与标注', train: '冻结与训练', try: '试用', take: '带走' },
  device: {
    find: '使用哪个设备？',
    looking: '正在查找设备…',
    none: '没有可用的设备',
    whyNotMore: '为什么不能更快？',
    version: (name, version) => `设备 ${name}，版本 ${version}。`,
    faster: '可能更快但没有使用的设备，以及原因：',
    notIsolated:
      '单线程：此页面没有用 Cross-Origin-Opener-Policy: same-origin 和 Cross-Origin-Embedder-Policy: require-corp 头提供，WebAssembly 需要它们才能使用更多线程。可以训练，但较慢。',
    threads: (n) => `${n} 个线程`,
    software: '由 CPU 模拟',
    titles: {
      wgsl: 'GPU（WebGPU，自有程序）',
      'tfjs-webgpu': 'GPU（WebGPU，TensorFlow.js）',
      'ort-webgpu': 'GPU（WebGPU，onnxruntime）',
      'ort-wasm': 'CPU（WebAssembly，onnxruntime）',
      'tfjs-wasm': 'CPU（WebAssembly，TensorFlow.js）',
    },
  },
  busy: {
    reading: '正在读取图片',
    opening: '正在打开权重',
    training: '正在训练',
    validating: '正在验证',
    suggesting: '正在查看图片',
    writing: '正在写文件',
    copying: '正在保存',
    left: (done, total, seconds) =>
      `${done} / ${total}${seconds === undefined ? '' : `，大约还需 ${duration(seconds)}`}`,
  },
  opening: {
    labeled: (pictures, boxes) => `已按文件标注项目中的 ${pictures} 张图片，共 ${boxes} 个框。`,
    added: (pictures, labeled, boxes) =>
      `已添加 ${pictures} 张图片${labeled > 0 ? `，其中 ${labeled} 张已有标注，共 ${boxes} 个框` : ''}。`,
    noLabels: (reason) => `无法使用这些标注：${reason}。`,
    warnings: (lines) => `${lines} 个文件无法使用或需要修复：跳过的文件不会参与训练。`,
  },
  projects: {
    title: '项目',
    welcome: '在这个标签页里，教检测器认识你需要的东西',
    lead: '带来几张照片，画框，让检测器建议其余的框，训练它，然后带走。图片不会离开这台电脑。',
    way: [
      ['标注', '在十张照片里框出重要的东西，检测器会为后面的照片给出建议。'],
      ['冻结与训练', '保留网络已有的知识，训练其余部分：在这台电脑上只需几分钟。'],
      ['试用', '把东西放到摄像头前，或打开图片、视频。'],
      ['带走', 'PyTorch 或 ONNX 文件，或一个可离线运行检测器的网页。'],
    ],
    create: '新建项目',
    import: '导入项目…',
    demo: '试试图形演示',
    demoName: '图形演示',
    demoHint: '演示：一个认识圆和方块的小网络，在一两分钟内学会十字、圆环、六边形和心形。',
    untitled: (n) => `项目 ${n}`,
    name: '项目名称',
    facts: (pictures, done, boxes, bytes) =>
      `${pictures} 张图片，已标注 ${done} 张，${boxes} 个框 · ${size(bytes)}`,
    changed: (date) => `更改于 ${date.toLocaleString('zh-CN')}`,
    rename: '重命名',
    duplicate: '复制',
    export: '导出',
    delete: '删除',
    copyOf: (name) => `${name}（副本）`,
    deleteTitle: (name) => `删除“${name}”？`,
    deleteText: (pictures) => `该项目的 ${pictures} 张图片、标注和训练将从浏览器中删除，无法撤销。`,
    storage: (used, quota) => `浏览器已保存 ${size(used)}，上限 ${size(quota)}。`,
    persisted: '它不会自行清除这些数据。',
    notPersisted: '磁盘满时它可能会清除这些数据。',
    persist: '请求它保留',
  },
  camera: {
    title: '用摄像头拍照',
    problem: (reason) => `无法使用摄像头：${reason}`,
    take: '拍一张',
    every: '自动拍摄间隔',
    never: '不自动',
    seconds: (n) => `${n} 秒`,
    taken: (n) => `已拍 ${n} 张`,
    keep: (n) => `添加 ${n} 张图片`,
  },
  video: { title: '从视频取图片', every: '每隔多少秒取一张', cut: (n) => `添加 ${n} 张图片` },
  ...label,
  ...train,
  ...take,
  ...errors,
};
