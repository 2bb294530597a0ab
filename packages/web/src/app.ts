/** The page: what may be done when, and the worker that does it. */
import type { SourceFile } from '@froyolo/data/browser';
import { proxy, type Remote } from 'comlink';
import { showDevice, showNoDevice } from './ui/device-chip.js';
import { byId, count } from './ui/dom.js';
import { LooksPanel } from './ui/looks-panel.js';
import { clearErrors, showError } from './ui/messages.js';
import * as opening from './ui/open-panel.js';
import { RunPanel } from './ui/run-panel.js';
import { Settings } from './ui/settings.js';
import type {
  DataInfo,
  ModelInfo,
  TrainEvent,
  TrainSettings,
  TrainSummary,
  Which,
  Worker,
} from './worker/api.js';

const button = (id: string) => byId(id, HTMLButtonElement);

/** What is being done that nothing else may disturb. */
type Work = 'opening' | 'training' | 'validating' | 'detecting';

export class App {
  readonly #worker: Remote<Worker>;
  readonly #settings: Settings;
  readonly #run = new RunPanel();
  readonly #looks: LooksPanel;
  #model: ModelInfo | undefined;
  #data: DataInfo | undefined;
  #busy: Work | undefined;
  /** Training so far; undefined before the first one. */
  #trained: { readonly epochs: number; readonly weights: readonly Which[] } | undefined;

  constructor(worker: Remote<Worker>) {
    this.#worker = worker;
    this.#settings = new Settings({
      freeze: () => void this.#showFreeze(),
      device: (request) => void this.#showDevice(request),
    });
    this.#looks = new LooksPanel({
      own: (image) => void this.#detect(image),
      which: () => void this.#detectPictures(),
    });
    opening.listenToOpening({
      model: (file) => void this.#openModel(file),
      zip: (file) => void this.#openData((progress) => worker.openZip(file, file.name, progress)),
      files: (files, name) => void this.#openFiles(files, name),
    });
    byId('settings', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#train(false);
    });
    button('go-on').addEventListener('click', () => void this.#train(true));
    button('stop').addEventListener('click', () => void this.#stop());
    button('validate').addEventListener('click', () => void this.#validate());
    button('demo').addEventListener('click', () => void this.#openShapes());
    button('save-best').addEventListener('click', () => void this.#save('best'));
    button('save-last').addEventListener('click', () => void this.#save('last'));
    window.addEventListener('beforeunload', (event) => {
      if (this.#busy === 'training') event.preventDefault();
    });
    this.#update();
    void worker.devices().then((devices) => this.#settings.offerDevices(devices));
    void this.#showDevice(this.#settings.device);
  }

  /** Does one thing at a time; what goes wrong becomes a message. */
  async #do(busy: Work, work: () => Promise<void>): Promise<void> {
    if (this.#busy) return showError(`wait until the ${this.#busy} is done, or stop it`);
    clearErrors();
    this.#busy = busy;
    this.#update();
    try {
      await work();
    } catch (error) {
      showError(error);
    } finally {
      this.#busy = undefined;
      this.#update();
    }
  }

  #openModel(file: File): Promise<void> {
    return this.#do('opening', async () => {
      opening.showReading('model');
      try {
        await this.#opened({ model: await this.#worker.openModel(file, file.name) });
      } catch (error) {
        // What was open before still is.
        opening.showModel(this.#model);
        throw error;
      }
    });
  }

  #openFiles(files: readonly SourceFile[], name: string): Promise<void> {
    return this.#openData((progress) => this.#worker.openFiles(files, name, progress));
  }

  #openData(open: (progress: (done: number, total: number) => void) => Promise<DataInfo>): Promise<void> {
    return this.#do('opening', async () => {
      opening.showReading('data');
      try {
        await this.#opened({ data: await open(proxy(opening.showDataProgress)) });
      } catch (error) {
        opening.showData(this.#data);
        throw error;
      }
    });
  }

  #openShapes(): Promise<void> {
    return this.#do('opening', async () => {
      await this.#opened(await this.#worker.openShapes(proxy(opening.showDataProgress)));
      this.#settings.fillForShapes();
      button('train').focus();
    });
  }

  /** Something else was opened: a training before it is over. */
  async #opened({ model, data }: { model?: ModelInfo; data?: DataInfo }): Promise<void> {
    this.#trained = undefined;
    if (model) {
      this.#model = model;
      opening.showModel(model);
      this.#looks.offer(['opened']);
      await this.#showFreeze();
    }
    if (data) {
      this.#data = data;
      opening.showData(data);
      await this.#looks.show(await this.#worker.pictures());
    }
    byId('welcome', HTMLElement).hidden = true;
  }

  async #showFreeze(): Promise<void> {
    const info = byId('freeze-info', HTMLParagraphElement);
    const { freeze } = this.#settings;
    info.textContent = '';
    if (!this.#model || freeze === '') return;
    try {
      const { trainable, frozen } = await this.#worker.freeze(freeze);
      const percent = ((100 * trainable) / (trainable + frozen)).toFixed(trainable < frozen / 50 ? 2 : 0);
      info.textContent = `${count(trainable, 'parameter')} will learn (${percent}%)`;
    } catch (error) {
      info.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  async #showDevice(request: string): Promise<void> {
    try {
      showDevice(await this.#worker.device(request));
    } catch (error) {
      showNoDevice(error);
      showError(error);
    }
  }

  #train(goOn: boolean): Promise<void> {
    return this.#do('training', async () => {
      const settings = this.#settings.read();
      const done = this.#trained?.epochs ?? this.#model?.resumable?.done ?? 0;
      if (goOn && settings.epochs <= done)
        throw new Error(
          `${count(done, 'epoch')} are done: ask for more than that to go on, or start a new training`,
        );
      this.#run.start(settings.epochs, goOn);
      if (!goOn) this.#trained = undefined;
      const summary = await this.#worker.train(
        settings,
        goOn,
        proxy((event) => this.#on(event)),
      );
      await this.#finished(summary, settings);
    });
  }

  async #finished(summary: TrainSummary, settings: TrainSettings): Promise<void> {
    const weights: Which[] = ['opened', 'last', ...(summary.bestFitness > 0 ? (['best'] as const) : [])];
    this.#trained = { epochs: summary.epochs, weights };
    this.#looks.offer(weights);
    const { which } = this.#looks;
    this.#looks.found(await this.#worker.detectPictures(which, settings), `with ${NAMES[which]}`);
    this.#run.finished(summary);
  }

  #on(event: TrainEvent): void {
    if (event.type === 'status') this.#run.status(event.text);
    else if (event.type === 'note') this.#run.note(event.text);
    else if (event.type === 'device') showDevice(event.device);
    else if (event.type === 'batch') this.#run.batch(event);
    else if (event.type === 'epoch') this.#run.epoch(event);
    else if (event.type === 'pictures')
      this.#looks.found(event.detections, 'with the averaged weights of the last epoch');
    else
      for (const note of [...event.notes, `${count(event.trained, 'tensor')} learn, the rest is frozen`])
        this.#run.note(note);
  }

  async #stop(): Promise<void> {
    button('stop').disabled = true;
    this.#run.stopping();
    await this.#worker.stop();
  }

  #validate(): Promise<void> {
    return this.#do('validating', async () => {
      const { which } = this.#looks;
      const settings = this.#settings.read();
      const progress = proxy((done: number, total: number) => this.#run.validating(done, total));
      const result = await this.#worker.validate(which, settings, progress);
      this.#run.validated(result);
      if (result.classNote !== undefined) this.#run.note(result.classNote);
      this.#looks.found(await this.#worker.detectPictures(which, settings), `with ${NAMES[which]}`);
      this.#run.status(`${count(result.images, 'image')} validated with ${NAMES[which]}`);
    });
  }

  #detectPictures(): Promise<void> {
    if (!this.#data) return Promise.resolve();
    return this.#do('detecting', async () => {
      const { which } = this.#looks;
      const found = await this.#worker.detectPictures(which, this.#settings.read());
      this.#looks.found(found, `with ${NAMES[which]}`);
    });
  }

  #detect(image: File): Promise<void> {
    return this.#do('detecting', async () => {
      if (!this.#model) throw new Error('open a checkpoint first, or the shapes demo');
      const found = await this.#worker.detect(image, image.name, this.#looks.which, this.#settings.read());
      await this.#looks.foundInOwn(image, found);
    });
  }

  async #save(which: 'best' | 'last'): Promise<void> {
    try {
      const bytes = await this.#worker.save(which);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/octet-stream' }));
      link.download = `${which}.safetensors`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      byId('saved', HTMLSpanElement).textContent =
        `${link.download}, ${(bytes.length / 1e6).toFixed(1)} MB: froyolo detect --weights ${link.download} --source …`;
    } catch (error) {
      showError(error);
    }
  }

  /** Which buttons may be pressed. */
  #update(): void {
    const busy = this.#busy !== undefined;
    const working = this.#busy === 'training' || this.#busy === 'validating';
    const ready = this.#model !== undefined && this.#data !== undefined;
    button('train').disabled = busy || !ready;
    button('train').textContent = this.#trained ? 'Train anew' : 'Train';
    button('train').classList.toggle('primary', !this.#trained);
    button('go-on').hidden = busy || !(this.#trained || (ready && this.#model?.resumable));
    button('stop').hidden = !working;
    button('stop').disabled = false;
    button('validate').disabled = busy || !ready;
    button('demo').disabled = busy;
    for (const id of ['save-best', 'save-last']) button(id).disabled = busy || !this.#trained;
    byId('train-hint', HTMLParagraphElement).textContent = busy || ready ? '' : this.#missing();
  }

  /** What is needed before anything can be trained. */
  #missing(): string {
    if (this.#model) return 'Open images with labels to train on.';
    return this.#data ? 'Open a checkpoint to start from.' : 'Open a checkpoint and images to train.';
  }
}

const NAMES: Readonly<Record<Which, string>> = {
  opened: 'the weights as opened',
  last: 'the weights of the last epoch',
  best: 'the best weights',
};
