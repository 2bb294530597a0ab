/**
 * Preloaded into a process and its threads (`--require`): counts what it changes on the disk, and ends it with a kill, or
 * lets the disk be full, at the change of a given number. Changes are counted in a file, a byte each, since threads and
 * child processes count together.
 *
 * INJECT_LOG: the file. INJECT_KILL: kill the process group at this change. INJECT_FULL: from this change on nothing more
 * fits on the disk. INJECT_ONLY=rename counts renames alone.
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const { INJECT_LOG, INJECT_KILL, INJECT_FULL, INJECT_ONLY } = process.env;
const { openSync, writeSync, fstatSync } = fs;
const log = INJECT_LOG === undefined ? undefined : openSync(INJECT_LOG, 'a');
const [killAt, fullAt] = [INJECT_KILL, INJECT_FULL].map(Number);

/** The number of this change, from 1. */
function count() {
  writeSync(log, '.');
  return fstatSync(log).size;
}

function change(name, path, needsRoom) {
  if (INJECT_ONLY !== undefined && INJECT_ONLY !== name) return;
  const number = count();
  if (number === killAt) process.kill(0, 'SIGKILL');
  if (needsRoom && number >= fullAt) {
    const message = `ENOSPC: no space left on device, ${name}`;
    const file = typeof path === 'string' ? { path } : {};
    throw Object.assign(new Error(message), { code: 'ENOSPC', errno: -28, syscall: name, ...file });
  }
}

/** Makes a function of an object count; those with a callback are given the error. */
function watch(owner, method, name, { needsRoom = true, counts = () => true } = {}) {
  const original = owner[method];
  owner[method] = function (...args) {
    if (!counts(args)) return original.apply(this, args);
    const callback = args.at(-1);
    try {
      change(name, args[0], needsRoom);
    } catch (error) {
      if (typeof callback === 'function') return process.nextTick(callback, error);
      if (owner === fs) throw error;
      return Promise.reject(error);
    }
    // After a rename is a moment of its own.
    if (name !== 'rename') return original.apply(this, args);
    const result = original.apply(this, args);
    const after = (value) => {
      change(name, args[0], false);
      return value;
    };
    return result instanceof Promise ? result.then(after) : after(result);
  };
}

const toFile = ([fd]) => typeof fd !== 'number' || fd > 2;
const creates = ([, flags]) =>
  typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wa]/.test(String(flags));

if (log !== undefined) {
  const handle = fs.promises.open(__filename).then((file) => {
    const prototype = Object.getPrototypeOf(file);
    for (const method of ['write', 'writev', 'writeFile', 'appendFile']) watch(prototype, method, 'write');
    return file.close();
  });
  handle.catch(() => undefined);
  for (const owner of [fs, fs.promises]) {
    const suffix = owner === fs ? 'Sync' : '';
    watch(owner, `rename${suffix}`, 'rename', { needsRoom: false });
    watch(owner, `mkdir${suffix}`, 'mkdir');
    watch(owner, `link${suffix}`, 'link');
    watch(owner, `copyFile${suffix}`, 'copyFile');
    watch(owner, `writeFile${suffix}`, 'write');
    watch(owner, `appendFile${suffix}`, 'write');
    watch(owner, `open${suffix}`, 'open', { counts: creates });
  }
  watch(fs, 'writeSync', 'write', { counts: toFile });
  watch(fs, 'write', 'write', { counts: toFile });
  syncBuiltinESMExports();
}
