// `npm run web`: installs, builds and serves the page that trains in a browser tab, on this machine only.
// `npm run web -- --port 8080` takes another port.
import { installAndBuild, pnpm } from './workspace.mjs';

installAndBuild();
console.log('\nThe page is at the address below; Ctrl-C ends it.');
process.exitCode = pnpm('--filter', '@froyolo/web', 'preview', ...process.argv.slice(2));
