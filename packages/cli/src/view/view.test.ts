import { createImage } from '@froyolo/data';
import { decodeImage } from '@froyolo/data/node';
import { expect, test } from 'vitest';
import { View } from './view.js';

test('the page shows one picture after the other to whoever watches', async () => {
  const view = await View.open();
  expect(view.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await (await fetch(view.address)).text()).toContain('<img src="/stream"');
  expect((await fetch(`${view.address}other`)).status).toBe(404);
  await view.show(createImage(8, 8, 50));
  const { body } = await fetch(`${view.address}stream`);
  const reader = body?.getReader();
  let bytes = Buffer.alloc(0);
  const pictures = () => bytes.toString('latin1').split('--frame\r\n').length - 2;
  while (pictures() < 1) bytes = Buffer.concat([bytes, (await reader?.read())?.value ?? Buffer.alloc(0)]);
  await view.show(createImage(8, 8, 200));
  while (pictures() < 2) bytes = Buffer.concat([bytes, (await reader?.read())?.value ?? Buffer.alloc(0)]);
  const second = bytes.subarray(bytes.lastIndexOf('\r\n\r\n') + 4, bytes.lastIndexOf('\r\n--frame'));
  expect(Math.abs(Number((await decodeImage(second)).data[0]) - 200)).toBeLessThan(3);
  await view.close();
});

test('a page elsewhere that points its name to this machine gets nothing', async () => {
  const view = await View.open();
  const { request } = await import('node:http');
  const status = await new Promise<number | undefined>((resolve) =>
    request(view.address, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
      resolve(statusCode),
    ).end(),
  );
  expect(status).toBe(403);
  await view.close();
});
