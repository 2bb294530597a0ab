/** Small pictures for lists. */

/** Pixels of the longer side. */
const SIDE = 192;
const QUALITY = 0.75;

/** A JPEG of a picture that the browser can decode. */
export async function thumbnailOf(file: Blob, size: { width: number; height: number }): Promise<Blob> {
  const scale = Math.min(1, SIDE / Math.max(size.width, size.height));
  const width = Math.max(1, Math.round(size.width * scale));
  const height = Math.max(1, Math.round(size.height * scale));
  const bitmap = await createImageBitmap(file, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: 'medium',
    imageOrientation: 'from-image',
  });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}
