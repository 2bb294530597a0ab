/** A detector that can't be built from what is given; the message names the tensor or the setting. */
export class DetectorError extends Error {
  override name = 'DetectorError';
}
