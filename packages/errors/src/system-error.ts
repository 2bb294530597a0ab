/** Words for what the operating system refuses. */

/** An error as Node's file functions throw it. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'this is a folder, not a file',
  ENOTDIR: 'a part of this path is a file, not a folder',
  EACCES: 'there is no permission to use it',
  EPERM: 'there is no permission to use it',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full: make room, or write to another place',
  EDQUOT: 'the disk quota is used up: make room, or write to another place',
  EEXIST: 'it is there already',
  ENOTEMPTY: 'the folder is not empty',
  EBUSY: 'another program is using it',
  EMFILE: 'too many files are open: raise the limit (ulimit -n), or use fewer workers',
  ENFILE: 'too many files are open on this machine',
  ENAMETOOLONG: 'the name is too long for this disk',
  ELOOP: 'the link leads back to itself',
  EIO: 'the disk fails to read or write',
  EFBIG: 'the file is too large for this disk',
  EINVAL: 'this can not be used as a file',
  ENXIO: 'this can not be used as a file',
  EPIPE: 'the program at the other end has closed the pipe',
};

export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  );
}

/** Such as `images/a.jpg: there is no such file or folder`; the file is left out where the system doesn't name it. */
export function describeSystemError({ code, path, dest, message }: SystemError): string {
  const file = dest ?? path;
  const words = WORDS[code] ?? message;
  return file === undefined ? words : `${file}: ${words}`;
}
