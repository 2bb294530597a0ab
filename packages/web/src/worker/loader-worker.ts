import { serveSamples } from '@froyolo/data/browser';

serveSamples();
