/**
 * What a zip archive holds, read from its central directory (APPNOTE 6.3.9, sections 4.3.7, 4.3.12 and 4.3.16), and single entries of it.
 * Nothing is unpacked here: a deflated entry leaves as gzip, which is the same bytes in another wrapper, and meets the same limits as any
 * packed file. So an archive can never take more room than it was sent with.
 */
import { Readable } from 'node:stream';

export type ZipEntry = {
  name: string;
  packed_bytes: number;
  unpacked_bytes: number;
  crc: number;
  isDeflated: boolean;
  /** Where its own header stands. */
  offset: number;
};
/** Reads `length` bytes from `start` on. */
export type ReadAt = (start: number, length: number) => Promise<Buffer>;

export class BrokenZip extends Error {}

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;
const longestComment = 65_535;
const mostEntries = 5_000;
const largestDirectory_bytes = 16 * 2 ** 20;

/** All entries that are files. Throws BrokenZip: not a zip, cut off, encrypted, entries lying over each other, zip64. */
export const readZip = async (readAt: ReadAt, bytes: number): Promise<ZipEntry[]> => {
  const tailFrom = Math.max(0, bytes - longestComment - 22);
  const tail = await readAt(tailFrom, bytes - tailFrom);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endMark) end--;
  if (end < 0) throw new BrokenZip('no end of the directory');
  const count = tail.readUInt16LE(end + 10);
  const directory_bytes = tail.readUInt32LE(end + 12);
  const directoryAt = tail.readUInt32LE(end + 16);
  if (count > mostEntries || directory_bytes > largestDirectory_bytes || directoryAt + directory_bytes > bytes)
    throw new BrokenZip('the directory is out of bounds');
  const directory = await readAt(directoryAt, directory_bytes);
  const entries: ZipEntry[] = [];
  for (let at = 0, seen = 0; seen < count; seen++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== entryMark) throw new BrokenZip('the directory is damaged');
    const flags = directory.readUInt16LE(at + 8);
    const method = directory.readUInt16LE(at + 10);
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString(flags & 0x800 ? 'utf8' : 'latin1', at + 46, at + 46 + nameLength);
    const entry: ZipEntry = {
      name,
      packed_bytes: directory.readUInt32LE(at + 20),
      unpacked_bytes: directory.readUInt32LE(at + 24),
      crc: directory.readUInt32LE(at + 16),
      isDeflated: method === 8,
      offset: directory.readUInt32LE(at + 42),
    };
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (name.endsWith('/')) continue;
    if (flags & 1) throw new BrokenZip('encrypted');
    if (method !== 0 && method !== 8) throw new BrokenZip('packed in a way that is not known');
    if (entry.offset + 30 + entry.packed_bytes > directoryAt) throw new BrokenZip('an entry is out of bounds');
    entries.push(entry);
  }
  refuseOverlap(entries);
  return entries;
};

/** Entries that share bytes let a few kilobytes claim to be petabytes. */
const refuseOverlap = (entries: readonly ZipEntry[]): void => {
  const sorted = [...entries].sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i - 1].offset + 30 + sorted[i - 1].packed_bytes > sorted[i].offset)
      throw new BrokenZip('entries lie over each other');
};

/** The bytes of one entry: as they are when it was only stored, as gzip (RFC 1952) when it was deflated. */
export const openEntry = (entry: ZipEntry, readAt: ReadAt, open: (start: number) => Promise<Readable>): Readable =>
  Readable.from(bytesOf(entry, readAt, open), { objectMode: false });

async function* bytesOf(entry: ZipEntry, readAt: ReadAt, open: (start: number) => Promise<Readable>): AsyncGenerator<Buffer> {
  const head = await readAt(entry.offset, 30);
  if (head.length < 30 || head.readUInt32LE(0) !== localMark) throw new BrokenZip('an entry is damaged');
  const start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  // Deflate, no flags, no time, unknown system.
  if (entry.isDeflated) yield Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  let left = entry.packed_bytes;
  if (left > 0) {
    const content = await open(start);
    for await (const chunk of content as AsyncIterable<Buffer>) {
      const piece = chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= piece.length;
      yield piece;
      if (left === 0) break;
    }
    content.destroy();
  }
  if (left > 0) throw new BrokenZip('cut off');
  if (!entry.isDeflated) return;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(entry.crc, 0);
  trailer.writeUInt32LE(entry.unpacked_bytes, 4);
  yield trailer;
}
