import './no-eval.js';
import { render } from 'preact';
import { App } from './app.js';
import { startLanguage } from './texts/index.js';
import './styles/base.css';
import './styles/controls.css';
import './styles/app.css';
import './styles/projects.css';
import './styles/stage.css';
import './styles/label.css';
import './styles/panels.css';
import './styles/network.css';
import './styles/train.css';

const root = document.getElementById('app');
if (!root) throw new Error('the page has no element "app"');
await startLanguage();
render(<App />, root);
if ('serviceWorker' in navigator && import.meta.env.PROD) {
  // Without the service worker the page works all the same, but not offline.
  navigator.serviceWorker.register('./service-worker.js').catch(() => {});
}
