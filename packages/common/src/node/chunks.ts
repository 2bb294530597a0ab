/** The chunks of a body that is fetched: the types of the web's streams don't say that they can be iterated. */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Ends the transfer when the consumer stops early; does nothing after the last chunk.
    await reader.cancel();
  }
}
