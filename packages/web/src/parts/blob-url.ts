/** Addresses of blobs, freed when they are no longer shown. */
import { useEffect, useState } from 'preact/hooks';
import { showError } from '../state/messages.js';

/** @param key of what `read` reads: it is read again when the key changes */
export function useBlobUrl(key: string, read: () => Promise<Blob | undefined>): string | undefined {
  const [shown, setShown] = useState<{ readonly key: string; readonly url: string }>();
  useEffect(() => {
    let url: string | undefined;
    let isGone = false;
    read().then((blob) => {
      if (!blob || isGone) return;
      url = URL.createObjectURL(blob);
      setShown({ key, url });
    }, showError);
    return () => {
      isGone = true;
      if (url) URL.revokeObjectURL(url);
    };
  }, [key]);
  return shown?.key === key ? shown.url : undefined;
}
