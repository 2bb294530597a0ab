/** The process of `probe-apart.ts`: prints a report on one device as JSON. */
import { endWithParent } from '@froyolo/common/node';
import { probeDevice } from './probe-device.js';

endWithParent();

const [name = '', bench] = process.argv.slice(2);
void probeDevice(name, bench === 'bench').then((report) => {
  console.log(JSON.stringify(report));
  // Threads of native packages would keep it alive.
  process.exit(0);
});
