/** 对比的结论。 */
import type { Chance, Conclusion, Means, Verdict } from '@froyolo/study/figures';
import { duration as inWords } from './duration.js';
import { size } from './numbers.js';

type Of<K extends Conclusion['kind']> = Extract<Conclusion, { readonly kind: K }>;

export function conclusion(told: Conclusion): string {
  switch (told.kind) {
    case 'none finished':
      return '还没有训练完成，因此没有建议。';
    case 'nothing learned':
      return `${told.freezes === 1 ? '已完成的这种冻结' : `${told.freezes} 种冻结都`}没有学到东西（mAP50-95 最高 ${map(told.accuracy)}），因此没有建议：请训练更久，从知道得更多的权重开始，或检查数据。`;
    case 'only one':
      return `只有冻结 ${told.freeze} 已完成：${figures(told)}。`;
    case 'most accurate':
      return `建议：冻结 ${told.freeze}，最准确：${figures(told)}。`;
    case 'as accurate':
      return asAccurate(told);
    case 'equal':
      return `冻结 ${told.freeze} ${cost(told)}，准确度没有可辨别的差别（${map(told.accuracy)}；${whyEqual(told.chance)}）。`;
    case 'less accurate':
      return `冻结 ${told.freeze} ${cost(told)}，mAP50-95 少 ${map(told.lost)}，保留 ${percent(told.kept)}${verdict(told.verdict, told.than)}`;
    case 'ran once':
      return `冻结 ${told.freezes.join('、')} 只训练了一次，小的差别可能是偶然：用更多随机种子才能知道。`;
    case 'still rising':
      return `冻结 ${told.freezes.join('、')} 最好的一轮在最末尾：更多轮数很可能有帮助。`;
    case 'unfinished':
      return `${told.of} 次训练中有 ${told.runs} 次没有完成，这些指标不包括它们。`;
  }
}

const figures = ({ accuracy, seconds, memory }: Means) =>
  `mAP50-95 ${map(accuracy)}，用时 ${duration(seconds)}，内存 ${size(memory)}`;

const asAccurate = (told: Of<'as accurate'>) =>
  `建议：冻结 ${told.freeze}：${figures(told)}。冻结 ${told.best.freeze} 为 ${map(told.best.accuracy)}，${whyEqual(told.chance)}，用时是它的 ${told.best.time.toFixed(1)} 倍。`;

const cost = ({ than, time, memory }: Of<'equal'> | Of<'less accurate'>) =>
  `的用时是冻结 ${than} 的 ${percent(time)}，内存是 ${percent(memory)}`;

const whyEqual = (chance: Chance | undefined) =>
  chance
    ? `差别可由随机种子的偏差解释（${map(chance.difference)}，两倍标准误差为 ${map(chance.twiceError)}）`
    : '差别太小，没有意义';

function verdict(told: Verdict, than: string): string {
  switch (told.kind) {
    case 'saves nothing':
      return '。它什么也不节省，这里没有理由选它。';
    case 'too little':
      return '，相对于节省的来说太少。';
    case 'short memory':
      return '。内存不足时选它。';
    case 'short time':
      return '。时间不足时选它。';
    default: {
      const reached = `在它的 ${duration(told.seconds)}内，冻结 ${than} 已达到 ${map(told.reached)}`;
      return `。${TIMED[told.kind](reached)}`;
    }
  }
}

const TIMED = {
  'short memory, not time': (reached: string) => `内存不足时选它；只为时间则不必：${reached}，更高。`,
  'not worth it': (reached: string) => `不值得：${reached}，更高。`,
  'short time, less reached': (reached: string) => `时间不足时选它：${reached}，更低。`,
  'short time or memory, less reached': (reached: string) => `时间或内存不足时选它：${reached}，更低。`,
};

const duration = (seconds: number) => inWords(seconds, '分', '秒', '小时');
const percent = (share: number) => `${Math.round(100 * share)}%`;
const map = (value: number) => value.toFixed(3);
