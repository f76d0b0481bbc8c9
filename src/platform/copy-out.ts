/** Rows out of PostgreSQL by COPY, as bytes, inside the caller's transaction. */
import type { Readable } from 'node:stream';

/**
 * `opening` is sql`copy (...) to stdout`.readable(). postgres.js stops its socket when the stream is full and starts it again at the next
 * read; a stream that ends while full, or is left early, is never read again, and every later query of that connection would wait for ever.
 * So what still comes is let go, and the socket is started once more.
 */
export const copyOut = async function* (opening: PromiseLike<Readable>): AsyncGenerator<Buffer> {
  const stream = await opening;
  try {
    yield* stream as AsyncIterable<Buffer>;
  } finally {
    const ended = new Promise<void>(resolve => {
      stream.push = piece => {
        if (piece === null) resolve();
        return true;
      };
    });
    stream._read(0);
    // Left early: the connection takes the next query when the last row has gone by.
    if (!('_readableState' in stream && (stream._readableState as { ended: boolean }).ended)) await ended;
  }
};
