/** A project is open in one tab at a time: two would overwrite each other's labels. */
import { PageError } from '../errors/page-error.js';

let release: (() => void) | undefined;

/** @throws Error where another tab has it */
export function takeProject(id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const name = `froyolo project ${id}`;
    void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) {
        reject(new PageError('PAGE_OTHER_TAB'));
        return undefined;
      }
      return new Promise<void>((released) => {
        release = released;
        resolve();
      });
    });
  });
}

export function releaseProject(): void {
  release?.();
  release = undefined;
}
