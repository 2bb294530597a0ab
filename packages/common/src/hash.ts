/** FNV-1a (Fowler, Noll, Vo): a 32-bit checksum of bytes, without protection against attacks. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
