/** The form of the training's settings. */
import { hypPresets } from '@froyolo/data';
import { type FormField, formFields, readField } from '@froyolo/run/settings';
import type { DeviceChoice, MoreSettings, TrainSettings } from '../worker/api.js';
import { byId, element } from './dom.js';

const RECIPES: Readonly<Record<string, string>> = {
  'scratch-low': 'scratch-low (the default)',
  demo: 'shapes demo',
};

/** Settings whose fields follow from the table of settings. */
const MORE = ['unfreeze', 'lrScale', 'freezeBn', 'optimizer', 'cosLr', 'patience', 'multiScale'];

export class Settings {
  readonly #more = formFields()
    .filter(({ name }) => MORE.includes(name))
    .map((field) => ({ field, control: controlOf(field) }));
  readonly #freezes = [...document.querySelectorAll<HTMLInputElement>('input[name=freeze]')];
  readonly #custom = byId('freeze-custom', HTMLInputElement);
  readonly #device = byId('device-choice', HTMLSelectElement);
  readonly #recipe = byId('recipe', HTMLSelectElement);

  constructor(on: { freeze(): void; device(request: string): void }) {
    byId('more-fields', HTMLDivElement).append(
      ...this.#more.map(({ field, control }) => labeled(field, control)),
    );
    this.#device.append(option('auto', 'Automatic: the fastest that works'));
    this.#recipe.append(
      ...[...Object.keys(hypPresets), 'demo'].map((name) => option(name, RECIPES[name] ?? name)),
    );
    for (const radio of this.#freezes)
      radio.addEventListener('change', () => {
        this.#custom.hidden = radio.value !== 'custom';
        if (!this.#custom.hidden) this.#custom.focus();
        on.freeze();
      });
    this.#custom.addEventListener('input', on.freeze);
    this.#device.addEventListener('change', () => on.device(this.#device.value));
  }

  offerDevices(devices: readonly DeviceChoice[]): void {
    this.#device.append(...devices.map(({ name, title }) => option(name, title)));
  }

  /** The selector, as after `--freeze`; empty while a custom one isn't written yet. */
  get freeze(): string {
    const value = this.#freezes.find(({ checked }) => checked)?.value ?? '';
    return value === 'custom' ? this.#custom.value.trim() : value;
  }

  get device(): string {
    return this.#device.value;
  }

  read(): TrainSettings {
    if (this.freeze === '') throw new Error('write which layers to freeze, such as 0-9 or backbone');
    return {
      freeze: this.freeze,
      epochs: number('epochs'),
      batchSize: number('batch-size'),
      imgsz: number('imgsz'),
      device: this.device,
      recipe: this.#recipe.value,
      seed: number('seed'),
      more: this.#readMore(),
    };
  }

  #readMore(): MoreSettings {
    return Object.fromEntries(
      this.#more.map(({ field: { name }, control }) => [name, readField(name, written(control))]),
    );
  }

  /** What suits the shapes demo. */
  fillForShapes(): void {
    byId('epochs', HTMLInputElement).value = '20';
    byId('imgsz', HTMLInputElement).value = '160';
    this.#recipe.value = 'demo';
  }
}

const option = (value: string, title: string) => Object.assign(element('option', title), { value });

const number = (id: string) => byId(id, HTMLInputElement).valueAsNumber;

type FieldControl = HTMLInputElement | HTMLSelectElement;

function controlOf({ name, control, value }: FormField): FieldControl {
  const id = `setting-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (control.type === 'select') {
    const select = Object.assign(document.createElement('select'), { id });
    select.append(...control.choices.map((choice) => option(choice, choice)));
    select.value = String(value);
    return select;
  }
  const input = Object.assign(document.createElement('input'), { id, type: control.type });
  if (control.type === 'checkbox') input.checked = value === true;
  else input.value = String(value);
  if (control.type === 'number') {
    for (const bound of ['min', 'max', 'step'] as const)
      if (control[bound] !== undefined) input[bound] = String(control[bound]);
  }
  return input;
}

function labeled({ label, help }: FormField, control: FieldControl): HTMLLabelElement {
  const wrapper = document.createElement('label');
  wrapper.title = help;
  wrapper.append(`${label} `, control);
  return wrapper;
}

function written(control: FieldControl): string | boolean {
  return control instanceof HTMLInputElement && control.type === 'checkbox' ? control.checked : control.value;
}
