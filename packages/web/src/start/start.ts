/**
 * Starts a worker with a file that nothing else imports. WebKit runs the file that a worker was started with a second
 * time as soon as a chunk imports from it, and chunks that are loaded later import from the file that they were split
 * from: two copies of the worker would answer the page.
 */

/** Loads what the worker does; messages that arrive before wait for it. */
export function start(load: () => Promise<unknown>): void {
  const early: MessageEvent[] = [];
  const keep = (event: MessageEvent) => {
    event.stopImmediatePropagation();
    early.push(event);
  };
  addEventListener('message', keep);
  const deliver = () => {
    removeEventListener('message', keep);
    for (const { data, ports } of early)
      dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
  };
  // Told as an error of the worker, as it would be if the file were imported outright.
  load().then(deliver).catch(reportError);
}
