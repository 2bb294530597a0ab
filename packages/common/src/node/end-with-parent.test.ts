import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { endWithParent } from './end-with-parent.js';

test('the other end of the input goes: so does the process', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const connected = once(server, 'connection');
  const input = connect(port, '127.0.0.1');
  const [other] = await connected;
  let isEnded = false;
  endWithParent(input, () => {
    isEnded = true;
  });
  expect(isEnded).toBe(false);
  const ended = once(input, 'end');
  if (other instanceof Socket) other.end();
  await ended;
  expect(isEnded).toBe(true);
  server.close();
});

test('an input that is a file says nothing of the parent', async () => {
  const input = Readable.from([]);
  let isEnded = false;
  endWithParent(input, () => {
    isEnded = true;
  });
  await once(input.resume(), 'end');
  expect(isEnded).toBe(false);
});
