import { expose } from 'comlink';
import { importer } from './importer.js';

expose(importer);
