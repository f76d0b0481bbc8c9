/** A stored file as batches of rows, streamed: unpack, decode, split. Memory stays constant whatever the file's size. */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Refusal } from '../../platform/errors.ts';
import { openCsv, RowTooLong } from './csv.ts';
import { type Compression, type Encoding, openDecoder } from './encoding.ts';

export type Reading = { compression: Compression; encoding: Encoding; delimiter: string; quote: string };
/** `bytesRead`: of the stored (packed) file, for progress. `mended`: odd bytes and open quotes so far. */
export type RowBatch = { rows: string[][]; bytesRead: number; mendedBytes: number; mendedQuotes: number };

/** An unpacked file may not be larger than this: a few kilobytes of gzip can claim to hold terabytes. */
const longestFile_bytes = 64 * 2 ** 30;
/** Real tables pack 5 to 50 times smaller. What swells further than this, and is no longer small, was made to fill a machine. */
const tightest = 250;
const alwaysAllowed_bytes = 256 * 2 ** 20;

/** Yields rows in file order, one batch per chunk of the file. Errors: refused (broken gzip, not a table). */
export async function* readRows(content: Readable, reading: Reading): AsyncGenerator<RowBatch> {
  let bytesRead = 0;
  content.on('data', (chunk: Buffer) => {
    bytesRead += chunk.length;
  });
  content.pause();
  const decoder = openDecoder(reading.encoding);
  const reader = openCsv(reading);
  const batch = (rows: string[][]): RowBatch => ({
    rows,
    bytesRead,
    mendedBytes: decoder.mended(),
    mendedQuotes: reader.mended(),
  });
  try {
    for await (const chunk of unpack(content, reading.compression)) {
      const rows = reader.push(decoder.write(chunk));
      if (rows.length > 0) yield batch(rows);
    }
    yield batch([...reader.push(decoder.end()), ...reader.end()]);
  } catch (error) {
    if (error instanceof RowTooLong) throw notATable();
    throw error;
  } finally {
    content.destroy();
  }
}

export async function* unpack(content: Readable, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === 'none') {
    yield* content as AsyncIterable<Buffer>;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  content.on('error', error => gunzip.destroy(error));
  let packed = 0;
  content.on('data', (chunk: Buffer) => {
    packed += chunk.length;
  });
  content.pipe(gunzip);
  let bytes = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > longestFile_bytes)
        throw new Refusal(
          'too_large',
          'imports.unpacked_too_large',
          'Unpacked, this file is larger than 64 GB. Split it and bring the parts.',
        );
      if (bytes > alwaysAllowed_bytes && bytes > packed * tightest) throw packedTooTightly();
      yield chunk;
    }
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code.startsWith('Z_')) throw brokenGzip();
    throw error;
  } finally {
    gunzip.destroy();
  }
}

/** The first unpacked bytes of a file; a gzip file that breaks off later still gives its head. */
export const headOf = async (content: Readable, compression: Compression, bytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of unpack(content, compression)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= bytes) break;
    }
  } catch (error) {
    if (length === 0) throw error;
  } finally {
    content.destroy();
  }
  return Buffer.concat(chunks).subarray(0, bytes);
};

const packedTooTightly = () =>
  new Refusal(
    'too_large',
    'imports.packed_too_tightly',
    'Unpacked, this file swells more than 250 times, as no table does. Unpack it yourself, look at it and bring what you need.',
  );
const brokenGzip = () =>
  new Refusal(
    'refused',
    'imports.gzip_broken',
    'This gzip file is damaged or was cut off. Pack it again (or bring the file unpacked) and upload it once more.',
  );
export const notATable = () =>
  new Refusal(
    'refused',
    'imports.not_a_table',
    'This does not look like a table: no line ends where a row should. Save it as CSV from your shop or spreadsheet and upload that.',
  );
