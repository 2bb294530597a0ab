/** 训练的说明。 */
import type { CodedNote } from '../library/run-note.js';

type Of<C extends CodedNote['code']> = Extract<CodedNote, { readonly code: C }>;

export function note(told: CodedNote): string {
  switch (told.code) {
    case 'data':
      return `用 ${told.train} 张图片训练${withoutBoxes(told)}，用 ${told.val} 张验证`;
    case 'none held out':
      return '没有留作验证的已标注图片：用训练的图片来验证';
    case 'transferred':
      return `${told.total} 个张量中有 ${told.kept} 个取自权重文件`;
    case 'classes':
      return `最后一层保留对框的知识；各类别的起点：${told.classes.map(startOf).join('、')}`;
    case 'unfreezing':
      return `${told.epochs} 轮之后：${learning(told)}`;
    case 'unfrozen':
      return `从现在起：${learning(told)}`;
    case 'learning rate':
      return `学习率乘以 ${told.factor}：${told.tensors} 个张量${told.layers ? `（第 ${told.layers} 层）` : ''}`;
    case 'features there':
      return `${told.wanted} 份特征中有 ${told.there} 份已经存在`;
    case 'room for features':
      return `${told.wanted} 份特征中放得下 ${told.capacity} 份，其余的每次重新计算`;
  }
}

const withoutBoxes = ({ withoutBoxes: n }: Of<'data'>) => (n > 0 ? `（其中 ${n} 张没有框）` : '');

const startOf = ({ name, from }: Of<'classes'>['classes'][number]) =>
  from === undefined ? `${name}（全新）` : `${name}（来自 ${from}）`;

function learning({ layers, partly, outside, frozen, all }: Of<'unfrozen'> | Of<'unfreezing'>): string {
  const what = [
    ...(layers ? [`第 ${layers} 层`] : []),
    ...(partly ? [`第 ${partly} 层的一部分`] : []),
    ...outside,
  ];
  const rest = frozen === 0 ? '不再冻结任何部分' : `${all} 个参数中仍冻结 ${frozen} 个`;
  return `${what.join('、')}也开始学习；${rest}`;
}
