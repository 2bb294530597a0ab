/** Offers a worker to the page, so that errors which cross keep their code. */
import { isFroyoloError } from '@froyolo/errors';
import { expose, transferHandlers } from 'comlink';

export function exposeWorker(offered: object): void {
  const plain = transferHandlers.get('throw');
  if (plain)
    transferHandlers.set('throw', {
      ...plain,
      serialize: (thrown) => {
        const [crossing, transfers] = plain.serialize(thrown);
        return [withCode(crossing, thrown), transfers];
      },
    });
  expose(offered);
}

/** @param crossing what comlink makes of an error: `value` has the properties that it will have again */
function withCode(crossing: unknown, thrown: unknown): unknown {
  const [{ value }, { value: error }] = [withValue(crossing), withValue(thrown)];
  if (!isFroyoloError(error) || typeof value !== 'object') return crossing;
  const { code, what } = error;
  return { isError: true, value: { ...value, code, what } };
}

const withValue = (object: unknown): { readonly value?: unknown } =>
  typeof object === 'object' && object !== null ? object : {};
