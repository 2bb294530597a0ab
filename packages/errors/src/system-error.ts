/** Words for errors of the operating system. */

/** An error as Node's file functions throw it. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ERR_FS_EISDIR: 'it is a folder, not a file',
  ERR_FS_FILE_TOO_LARGE: 'it is too large to be read',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ELOOP: 'its links go in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space left on the disk: make room, or write to another place',
  EDQUOT: 'the disk quota is used up: make room, or write to another place',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many files are open: raise the limit (ulimit -n), or use fewer workers',
  EEXIST: 'it exists already',
  ENOTEMPTY: 'the folder is not empty',
  EBUSY: 'another program is using it',
  EIO: 'the disk fails to read or write',
  EFBIG: 'the file is too large for this disk',
  ENXIO: 'it can not be used as a file',
  EADDRINUSE: 'another program listens there',
  EPIPE: 'the program at the other end has closed the pipe',
  ERR_INVALID_ARG_VALUE: 'the name holds a character that no file name has',
};

/** Whether the operating system caused an error, such as `ENOENT`: it has a code and the call that failed. */
export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  );
}

/** The error as text, such as `images/a.jpg: no such file or folder`; without the file if the system doesn't name it. */
export function describeSystemError({ code, path, dest, message }: SystemError): string {
  const file = dest ?? path;
  const words = WORDS[code] ?? message;
  return file === undefined ? words : `${file}: ${words}`;
}

/** Why something failed, in words and without the file; the message of anything else that was thrown. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return WORDS[code] ?? error.message;
}

/** What `fetch` hides: it says that it failed, and the error behind it says why. Any other error is returned as it is. */
export function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}
