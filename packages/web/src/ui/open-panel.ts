/** The two cards where a checkpoint and images are opened: what was dropped or chosen, and what is in it. */
import { filesOfDrop, filesOfInput, type SourceFile } from '@froyolo/data/browser';
import type { DataInfo, ModelInfo } from '../worker/api.js';
import { byId, count, element, list, onDrop, onFiles } from './dom.js';

export interface OpenHandlers {
  model(file: File): void;
  zip(file: File): void;
  files(files: readonly SourceFile[], name: string): void;
}

const modelInfo = () => byId('model-info', HTMLDivElement);
const dataInfo = () => byId('data-info', HTMLDivElement);
/** Classes that are listed before the rest is counted. */
const SHOWN_CLASSES = 24;

export function listenToOpening(handlers: OpenHandlers): void {
  onFiles(byId('model-file', HTMLInputElement), ([file]) => handlers.model(file));
  onDrop(byId('model-drop', HTMLDivElement), ({ files }) => files[0] && handlers.model(files[0]));
  onFiles(byId('data-zip', HTMLInputElement), ([file]) => handlers.zip(file));
  onFiles(byId('data-folder', HTMLInputElement), (files) => {
    const opened = filesOfInput(files);
    handlers.files(opened, opened[0].path.split('/')[0]);
  });
  onDrop(byId('data-drop', HTMLDivElement), ({ files, items }) => {
    const [first] = files;
    if (files.length === 1 && first && /\.zip$/i.test(first.name)) return handlers.zip(first);
    void filesOfDrop(items).then((opened) => handlers.files(opened, first?.name ?? 'dropped files'));
  });
}

/** The opened checkpoint, or that there is none. */
export function showModel(model: ModelInfo | undefined): void {
  if (model) show(modelInfo(), modelFacts(model));
  else clear(modelInfo());
}

function modelFacts({ name, classes, layers, parameters }: ModelInfo): HTMLElement {
  return element(
    'div',
    element('strong', name),
    element('div', `${count(layers, 'layer')}, ${count(parameters, 'parameter')}`),
    chips(classes),
  );
}

/** The opened images, or that there are none. */
export function showData(data: DataInfo | undefined): void {
  if (data) show(dataInfo(), dataFacts(data));
  else clear(dataInfo());
}

function dataFacts({ name, classes, train, val, notes, warnings }: DataInfo): HTMLElement {
  const facts = element(
    'div',
    element('strong', name),
    element('div', `Training: ${count(train.images, 'image')}, ${count(train.objects, 'box', 'boxes')}`),
    element('div', `Validation: ${count(val.images, 'image')}, ${count(val.objects, 'box', 'boxes')}`),
    chips(classes),
  );
  if (notes.length > 0) facts.append(list(notes));
  if (warnings.length > 0) {
    const details = element('details', element('summary', count(warnings.length, 'warning')), list(warnings));
    facts.append(details);
  }
  return facts;
}

/** How far opening is. */
export function showDataProgress(done: number, total: number): void {
  const bar = Object.assign(element('progress'), { max: total, value: done, ariaLabel: 'Images read' });
  dataInfo().replaceChildren(bar, element('div', `${done} of ${count(total, 'image')}`));
}

/** Opening has begun. */
export function showReading(what: 'model' | 'data'): void {
  const area = what === 'model' ? modelInfo() : dataInfo();
  area.replaceChildren(element('p', 'Reading…'));
}

function show(area: HTMLElement, facts: HTMLElement): void {
  facts.className = 'facts';
  area.replaceChildren(facts);
  area.closest('.card')?.classList.add('done');
}

function clear(area: HTMLElement): void {
  area.replaceChildren();
  area.closest('.card')?.classList.remove('done');
}

function chips(classes: readonly string[]): HTMLElement {
  const shown = classes.slice(0, SHOWN_CLASSES);
  if (shown.length < classes.length) shown.push(`and ${classes.length - shown.length} more`);
  const row = element('div', ...shown.map((name) => element('span', name)));
  row.className = 'chips';
  row.ariaLabel = 'Classes';
  return row;
}
