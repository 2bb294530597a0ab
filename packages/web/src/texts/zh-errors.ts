/** 错误信息的文字。 */
import type { ErrorTexts } from './en-errors.js';

const KINDS: Readonly<Record<string, string>> = {
  ERR_CHECKPOINT: '无法读取权重文件',
  ERR_CLASS: '类别有误',
  ERR_CONFIG: '配置文件有误',
  ERR_DATASET: '数据集无法使用',
  ERR_DETECTOR: '这些权重无法这样使用',
  ERR_DEVICE: '设备无法使用',
  ERR_DEVICE_FAILED: '设备在运行中出错',
  ERR_EXPORT: '无法导出',
  ERR_FREEZE: '冻结设置有误',
  ERR_GRAPH: '无法构建网络的计算图',
  ERR_IMAGE: '图片无法读取',
  ERR_MODEL_YAML: '网络结构文件有误',
  ERR_SETTINGS: '设置有误',
  ERR_TRAINING: '无法训练',
  ERR_TRAINING_DEVICE: '训练时设备出错',
};

export const errors: ErrorTexts = {
  errors: {
    page: {
      PAGE_BROKEN_PROJECT: (why) => `zip 中的项目说明无法使用：${why}`,
      PAGE_CAMERA_ADDRESS: () => '只有通过 https 或 localhost 打开的页面才能使用摄像头',
      PAGE_DEMO_MISSING: (why) => `无法加载演示权重：${why}`,
      PAGE_NO_BOXES: () => '还没有画框：请先标注一些图片。',
      PAGE_NO_CANVAS: () => '此浏览器无法使用 2D 画布。',
      PAGE_NO_CHECKPOINT: () => '请先打开一个权重文件。',
      PAGE_NO_LABELS: () => '还没有标注任何图片。',
      PAGE_NO_MANIFEST: (name) => `zip 中没有项目：缺少 ${name}。`,
      PAGE_NO_PROJECT: () => '此浏览器中没有这个项目。',
      PAGE_NO_TRAINING: () => '还没有训练过。',
      PAGE_NO_ZIP: (why) => `无法作为 zip 读取：${why}`,
      PAGE_NONE_TO_TRAIN: () => '没有用于训练的已标注图片：请调整划分。',
      PAGE_NOTHING_TO_GO_ON: () => '上一次训练没有留下可以继续的内容。',
      PAGE_OTHER_TAB: () => '此项目已在另一个标签页中打开；请在那里继续，或关闭它。',
      PAGE_PART_MISSING: (why) => `页面的一部分无法加载：${why}`,
      PAGE_PICTURE_GONE: (path) => `${path} 已不在此浏览器的存储中。`,
      PAGE_PICTURE_MISSING: (path) => `zip 中缺少项目图片 ${path}。`,
      PAGE_VIDEO: () => '此浏览器无法播放该视频。',
      PAGE_WORKER_STOPPED: (why) => `此页面的一个后台线程已停止${why ? `（${why}）` : ''}；请重新加载页面。`,
    },
    storage: (reason) => `此浏览器无法保存（${reason}）：磁盘可能已满，或者这是无痕窗口。`,
    ofPackage: (code, message) => (KINDS[code] ? `${KINDS[code]}：${message}` : message),
  },
};
