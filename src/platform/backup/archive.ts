/**
 * What a backup holds, one entry after the other: a line of JSON that says what comes, then its bytes in pieces that carry their length,
 * then a piece of length zero.
 */
import type { ByteReader } from './byte-reader.ts';

export type Table = { name: string; columns: string[] };
export type Partition = { name: string; parent: string; bounds: string };
export type Entry =
  | {
      kind: 'manifest';
      version: string;
      at: string;
      migrations: number[];
      tables: Table[];
      partitions: Partition[];
      sequences: { name: string; last: string; called: boolean }[];
    }
  | { kind: 'table'; table: Table }
  | { kind: 'file'; path: string }
  /** Rows of each table, counted in the backup's own snapshot. */
  | { kind: 'end'; rows: Record<string, number>; files: number };

const piece = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

export const writeEntry = async function* (entry: Entry, content?: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from(`${JSON.stringify(entry)}\n`);
  for await (const bytes of content ?? []) if (bytes.length > 0) yield piece(bytes);
  yield Buffer.alloc(4);
};

/** Entries in order. The content of one must be read to its end before the next is asked for. */
export const readEntries = async function* (
  reader: ByteReader,
): AsyncGenerator<{ entry: Entry; content: AsyncGenerator<Buffer> }> {
  for (;;) {
    const line = await reader.line(16 * 1024 * 1024);
    if (line === null) return;
    yield { entry: JSON.parse(line) as Entry, content: readContent(reader) };
  }
};

const readContent = async function* (reader: ByteReader): AsyncGenerator<Buffer> {
  for (;;) {
    const length = (await reader.exactly(4))?.readUInt32BE() ?? 0;
    if (length === 0) return;
    const bytes = await reader.exactly(length);
    if (bytes === null) return;
    yield bytes;
  }
};
