/** FNV-1a (Fowler, Noll, Vo): 32 bits of bytes, for what needs no defense. */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
