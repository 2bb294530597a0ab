/** 训练界面的文字。 */

import { duration } from './duration.js';
import type { TrainTexts } from './en-train.js';

const best = (epoch: number) => (epoch > 0 ? `，最好的是第 ${epoch} 轮` : '');
const inWords = (seconds: number) => duration(seconds, '分', '秒', '小时');

export const train: TrainTexts = {
  train: {
    title: '冻结与训练',
    what: '打开一个权重文件：一个已经学会看东西的网络。训练保留它的知识，并教它你的类别。',
    data: (trained, heldOut, boxes) => `${trained} 张用于训练，${heldOut} 张留作验证，${boxes} 个框`,
    labelFirst: '先标注一些图片。',
    noneHeldOut: '没有留作验证的已标注图片：指标将来自训练用的图片。',
    few: '十张已标注的图片是个好的开始，之后检测器可以建议其余的框。',
  },
  weights: {
    title: '起始权重',
    needed: '打开 YOLOv5 权重（.pt 或 .safetensors）。适合小电脑的官方权重是',
    license: '(4 MB,AGPL-3.0)：保存后在这里打开。',
    open: '打开权重…',
    other: '换一个…',
    facts: (layers, parameters, classes) => `${layers} 层，${parameters} 参数，${classes} 个类别`,
  },
  settings: {
    title: '训练',
    from: '起点',
    fromOpened: '打开的权重',
    fromBest: '本项目上次训练的结果',
    length: '训练时长',
    minutes: (n) => `${n} 分钟`,
    byRecipe: '按需要',
    byEpochs: '指定轮数…',
    epochs: '轮数',
    imgsz: '图片尺寸',
    batchSize: '批大小',
    more: '更多',
    device: '设备',
    automatic: '自动：可用的最快设备',
    seed: '随机种子',
  },
  start: {
    train: '训练',
    trainAnew: '重新训练',
    goOn: '继续',
    more: '再训练一段',
    stop: '停止',
    stopHint: '当前批次结束后停止，今天或以后都能从原处继续。',
    stopping: '当前批次结束后停止…',
    validate: '验证',
    goOnHint:
      '每一轮都保存在浏览器中：重新加载后训练可以按开始时的设置继续，如同从未中断；重新训练则采用上面的设置。',
    needsBoxes: '请先标注一些图片。',
    needsWeights: '请先打开起始权重。',
  },
  run: {
    title: (n) => `第 ${n} 次训练`,
    progress: '训练进度',
    stopping: '当前批次结束后停止…',
    stage: (stage) => {
      const [name, done, total] = stage.split(' ');
      if (name === 'device') return '正在启动设备…';
      if (name === 'compiling') return '正在编译训练步骤…';
      if (name === 'caching') return `冻结层正在一次性查看图片：${done} / ${total}`;
      return '正在读取图片…';
    },
    at: (epoch, epochs, batch, batches) =>
      `第 ${epoch} 轮${epochs === undefined ? '' : `（共 ${epochs} 轮）`}，第 ${batch} / ${batches} 批`,
    status: {
      running: (epochs, at) => `已完成 ${epochs} 轮${best(at)}`,
      finished: (epochs, at) => `已完成：${epochs} 轮${best(at)}`,
      patience: (epochs, at) => `${epochs} 轮后提前结束：长时间没有变好${best(at)}`,
      stopped: (epochs, at) => `${epochs} 轮后停止${best(at)}`,
      failed: (epochs, at) => `${epochs} 轮后失败${best(at)}`,
    },
    notes: '做了什么',
    loss: '损失',
    speed: '图片/秒',
    left: '剩余时间',
    duration: inWords,
    losses: '损失',
    figures: '验证图片上的 mAP',
    epoch: '轮',
    asOpened: '训练前 mAP50',
  },
  result: {
    byClass: '各类别',
    precision: '精确率-召回率曲线 (AP50)',
    recall: '召回率',
    rounds: '各次训练',
    roundsTitle: (pictures) => `用 ${pictures.join('、')} 张图片得到的最好 mAP50`,
    round: '训练次数',
    pictures: '验证图片',
    least: (value) => `置信度不低于 ${value.toFixed(2)}`,
    mistakes: (missed, extra) => (missed + extra === 0 ? '全对' : `漏 ${missed} 个，多 ${extra} 个`),
    legend:
      '错误最多的在前，点击可修改标注。实线：检测到的；虚线：你的标注。训练中显示最近一轮平均权重的结果，之后显示最好权重的结果。',
  },
  table: { title: '各类别的指标', head: ['类别', '图片', '框', '精确率', '召回率', 'mAP50', 'mAP50-95'] },
  confusion: {
    title: '混淆矩阵',
    caption: '行：检测为；列：实际为。置信度不低于 0.25。',
    background: '背景',
  },
  freeze: {
    title: '哪些层保持冻结',
    what: '冻结的层保留已有知识：没有梯度、内存更少、每步更快。左边的层看边缘和纹理，右边的层看你的类别。',
    auto: '推荐',
    autoText: (pictures) => `按 ${pictures} 张图片和这台电脑规划：先训练颈部和头部，再训练全部`,
    nothing: '全不冻结',
    nothingText: '适应最多，最慢',
    backbone: '主干',
    backboneText: '较好的平衡',
    head: '除最后一层外全部',
    headText: '最快，学得最少',
    network: '网络的各层',
    sections: { backbone: '主干', neck: '颈部', head: '头部' },
    layer: (index, type, section, parameters, shape) =>
      `${type} ${index}(${section})：${parameters} 参数${shape ? `，输出 ${shape}` : ''}`,
    depth: '冻结前多少层',
    depthText: (n) => `${n} 层`,
    depthHint: '拖动滑块选择深度；也可逐层点击。',
    frozen: '冻结',
    learning: '学习',
    both: '先冻结，后学习',
    learns: '学习的部分',
    parameters: (n) => `${n} 参数`,
    memory: '每步内存',
    cachedMemory: (bytes) => `缓存特征时 ${bytes}`,
    time: '每步时间',
    cachedTime: (share) => `缓存特征时 ${share}`,
    epochTime: (seconds) =>
      `每轮约 ${seconds < 10 ? `${seconds.toFixed(1)} 秒` : inWords(seconds)}（按上次训练测得）`,
    cacheFeatures: '保留冻结层对图片的输出（每张四个变体）：每轮更快',
    tooMuch: (bytes) => `超过 WebAssembly 能寻址的 ${bytes}：请多冻结一些层，或用更小的图片或批次。`,
    autoReason:
      '推荐：图片少、时间短时，主干的特征只计算一次并重复使用，先训练颈部和头部；剩余时间训练整个网络。',
    timeReason: '时间是相对于不冻结时一步的比例，由将要运行的计算图得出。',
  },
  augment: {
    title: '训练对图片的变化',
    what: '少量图片要当很多图片用：每次训练时，图片连同框都会重新移动、缩放、变色和拼接。下面就是网络将看到的。',
    again: '换一些图片',
    reset: '恢复配方的设置',
    names: {
      hsv_h: '色调',
      hsv_s: '饱和度',
      hsv_v: '亮度',
      scale: '缩放',
      translate: '平移',
      degrees: '旋转',
      fliplr: '左右翻转',
      flipud: '上下翻转',
      mosaic: '四合一（mosaic）',
      mixup: '二合一（mixup）',
    },
  },
  compare: {
    title: '两种深度对比',
    what: '从打开的权重开始，依次用两种冻结方式训练，每次的时长与“训练”中的设置相同。更准确的一个成为本项目的训练结果。',
    side: (at) => (at === 0 ? '冻结：第一种' : '冻结：第二种'),
    start: '对比',
    table: '两者的指标',
    columns: ['冻结', '学习', 'mAP50', 'mAP50-95', '最好的轮', '时间', '张/秒', '一步的内存'],
    duration: inWords,
    accuracy: 'mAP50-95 随时间',
    seconds: '秒',
    loss: '损失',
    epoch: '轮',
  },
};
