/** Errors in the visitor's language. */

import { PAGE_ERRORS } from '../errors/page-error.js';
import { texts } from '../texts/index.js';

/** Names of errors of the browser's storage. */
const REFUSED = ['AbortError', 'QuotaExceededError'];

/** Describes an error: in the language of the page if it knows the error's code, else in the error's own words. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errors } = texts.value;
  const code = 'code' in error ? error.code : undefined;
  const page = PAGE_ERRORS.find((one) => one === code);
  if (page) return errors.page[page]('what' in error ? String(error.what) : '');
  if (REFUSED.includes(error.name)) return errors.storage(error.name);
  return typeof code === 'string' ? errors.ofPackage(code, error.message) : error.message;
}
