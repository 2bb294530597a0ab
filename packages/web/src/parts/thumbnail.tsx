import { thumbnailOf } from '../library/pictures.js';
import type { Picture } from '../library/types.js';
import { useBlobUrl } from './blob-url.js';

/** A small picture; decorative, since what it shows is said beside it. */
export function Thumbnail({ picture }: { picture: Picture }) {
  const url = useBlobUrl(`${picture.project} ${picture.id}`, () => thumbnailOf(picture));
  return url ? <img src={url} alt="" loading="lazy" decoding="async" /> : <span class="no-image" />;
}
