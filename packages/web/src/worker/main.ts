import '../no-eval.js';
import { exposeWorker } from '../errors/expose.js';
import { Session } from './session.js';

exposeWorker(new Session());
