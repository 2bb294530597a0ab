import '../no-eval.js';
import { exposeWorker } from '../errors/expose.js';
import { importer } from './importer.js';

exposeWorker(importer);
