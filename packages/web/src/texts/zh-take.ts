/** 试用和带走界面的文字。 */
import type { TakeTexts } from './en-take.js';

export const take: TakeTexts = {
  try: {
    title: '试用',
    nothing: '请先打开权重或训练。',
    modes: { file: '图片或视频', camera: '摄像头' },
    weights: '检测器',
    which: { opened: '原始权重', best: '训练结果：最好的一轮', last: '训练结果：最后一轮' },
    confidence: (value) => `置信度不低于 ${value.toFixed(2)}`,
    overlap: (value) => `重叠（IoU）不超过 ${value.toFixed(2)}`,
    open: '打开图片或视频…',
    drop: '或拖到这里',
    looking: '正在查看…',
    found: (name, n, milliseconds) =>
      `${name}：${n} 个物体，${Math.round(milliseconds)} 毫秒（每种尺寸的第一张较慢）`,
    live: (n, rate, device) => `${n} 个物体 · 每秒 ${rate.toFixed(1)} 张 · ${device}`,
    table: '以表格显示',
    columns: ['类别', '置信度', 'x1', 'y1', 'x2', 'y2'],
  },
  take: {
    title: '带走',
    detector: '检测器',
    trainFirst: '先训练：这里是你自己的检测器。',
    taken: (name, bytes) => `${name}（${bytes}）已保存到下载文件夹。`,
    save: '保存',
    code: '如何使用',
    codeFor: (name) => `${name} 的代码`,
    copy: '复制',
    copied: '已复制',
    formats: {
      pt: ['PyTorch (.pt)', 'YOLOv5 自己的脚本可以加载。'],
      onnx: ['ONNX (.onnx)', '可在 Python、C++、C#、Java 和浏览器中运行，与 YOLOv5 的导出一致。'],
      tfjs: ['TensorFlow.js (zip)', '用于网页的图模型，可在 WebGL、WebGPU 或 WebAssembly 上运行。'],
      safetensors: ['权重 (.safetensors)', '以 PyTorch 名称保存的纯权重。'],
      checkpoint: ['Froyolo 权重', '用于 froyolo 命令行和本页面的其他项目。'],
      last: ['训练本身', '可在 Node 中从原处继续：把下面的数据集导出为 YOLO，解压，然后继续。'],
      page: ['运行检测器的网页', '一个 HTML 文件，包含检测器和所需的一切：离线检测摄像头画面和图片。'],
    },
    dataset: '数据集与项目',
    datasetText: (n) => `${n} 张已标注的图片，附其他程序可读的标注。`,
    datasets: { yolo: 'YOLO zip', voc: 'Pascal VOC zip', coco: 'COCO zip' },
    project: '整个项目 (zip)',
  },
};
