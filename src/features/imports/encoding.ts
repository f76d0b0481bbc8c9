/**
 * Which encoding a file is in, and decoding it as it streams. Pure but for the decoder's own state.
 * Bytes that are not UTF-8 inside a UTF-8 file are read as Windows-1252, one by one: a single odd character never costs a row.
 */
import { analyse } from 'chardet';
import iconv from 'iconv-lite';

export const encodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'iso-8859-15',
  'macintosh',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'iso-8859-2',
  'koi8-r',
  'shift_jis',
  'gb18030',
  'big5',
  'euc-kr',
] as const;
export type Encoding = (typeof encodings)[number];

export type Compression = 'none' | 'gzip';

/** What the first bytes say about the container: formats that are not text get a name, so that the refusal can say what to do. */
export const sniff = (
  head: Buffer,
): { compression: Compression } | { notText: 'zip' | 'excel' | 'pdf' | 'bzip2' | 'xz' | 'zstd' } => {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts(0x1f, 0x8b)) return { compression: 'gzip' };
  if (starts(0x50, 0x4b, 0x03, 0x04)) return { notText: 'zip' };
  if (starts(0xd0, 0xcf, 0x11, 0xe0)) return { notText: 'excel' };
  if (starts(0x25, 0x50, 0x44, 0x46)) return { notText: 'pdf' };
  if (starts(0x42, 0x5a, 0x68)) return { notText: 'bzip2' };
  if (starts(0xfd, 0x37, 0x7a, 0x58)) return { notText: 'xz' };
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return { notText: 'zstd' };
  return { compression: 'none' };
};

/** Length of a byte order mark at the start, and what it says. */
export const byteOrderMark = (head: Buffer): { encoding: Encoding; bytes: number } | null => {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', bytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', bytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', bytes: 2 };
  return null;
};

/** chardet's names for what we offer. */
const fromChardet: Record<string, Encoding> = {
  'windows-1251': 'windows-1251',
  'windows-1253': 'windows-1253',
  'ISO-8859-7': 'windows-1253',
  'ISO-8859-5': 'windows-1251',
  'KOI8-R': 'koi8-r',
  Shift_JIS: 'shift_jis',
  GB18030: 'gb18030',
  Big5: 'big5',
  'EUC-KR': 'euc-kr',
};

/** `sure`: a byte order mark or valid UTF-8 with more than plain letters. */
export const detectEncoding = (head: Buffer): { encoding: Encoding; sure: boolean } => {
  const mark = byteOrderMark(head);
  if (mark) return { encoding: mark.encoding, sure: true };
  const wide = wideWithoutMark(head);
  if (wide) return { encoding: wide, sure: true };
  const high = head.filter(byte => byte >= 0x80).length;
  if (high === 0) return { encoding: 'utf-8', sure: false };
  const broken = brokenUtf8(head);
  if (broken === 0) return { encoding: 'utf-8', sure: true };
  // A mostly valid file with a few foreign bytes stays UTF-8: the decoder mends them.
  if (broken * 20 < high) return { encoding: 'utf-8', sure: true };
  const guess = analyse(head).find(match => fromChardet[match.name] && match.confidence >= 50);
  if (guess && eastern.has(fromChardet[guess.name])) return { encoding: fromChardet[guess.name], sure: false };
  if (looksMacintosh(head)) return { encoding: 'macintosh', sure: false };
  if (guess) return { encoding: fromChardet[guess.name], sure: false };
  return { encoding: looksLatin9(head) ? 'iso-8859-15' : 'windows-1252', sure: false };
};

/** Two bytes a letter: what chardet finds by their pairs is not to be had by chance. */
const eastern: ReadonlySet<Encoding> = new Set<Encoding>(['shift_jis', 'gb18030', 'big5', 'euc-kr']);

/** UTF-16 without a mark: ASCII text leaves a zero in every other byte. */
const wideWithoutMark = (head: Buffer): Encoding | null => {
  const pairs = Math.min(head.length >> 1, 2000);
  if (pairs < 4) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs; i++) {
    if (head[2 * i] === 0) even++;
    if (head[2 * i + 1] === 0) odd++;
  }
  if (odd > pairs * 0.6 && even < pairs * 0.1) return 'utf-16le';
  if (even > pairs * 0.6 && odd < pairs * 0.1) return 'utf-16be';
  return null;
};

/** How many bytes >= 0x80 do not belong to a valid UTF-8 sequence; a sequence cut at the end is valid. */
const brokenUtf8 = (bytes: Buffer): number => {
  let broken = 0;
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i);
    if (length > 0) i += length;
    else {
      // Cut at the end of the sample: not broken.
      if (bytes.length - i >= 4 || bytes[i] < 0xc2 || bytes[i] > 0xf4) broken++;
      i++;
    }
  }
  return broken;
};

/** Length of the valid UTF-8 sequence at `i`, or 0. (Unicode 15, table 3-7.) */
const sequenceLength = (bytes: Buffer, i: number): number => {
  const lead = bytes[i];
  if (lead < 0x80) return 1;
  const follows = (offset: number, low = 0x80, high = 0xbf) => bytes[i + offset] >= low && bytes[i + offset] <= high;
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const low = lead === 0xe0 ? 0xa0 : 0x80;
    const high = lead === 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const low = lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
};

const isLower = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x61 && byte <= 0x7a;

/**
 * Old Mac files use 0x80-0x9f for accented letters, where Windows-1252 has quotes, dashes and rare capitals; beside a small letter they tell the
 * two apart. Curly quotes (0x91-0x94) stand beside letters in both. Without any letter to go by, lines that end in a bare CR decide.
 */
const looksMacintosh = (head: Buffer): boolean => {
  let mac = 0;
  let windows = 0;
  for (let i = 0; i < head.length; i++) {
    const byte = head[i];
    if (byte < 0x80 || (byte >= 0x91 && byte <= 0x94) || !(isLower(head[i - 1]) || isLower(head[i + 1]))) continue;
    if (byte <= 0x9f) mac++;
    else if (byte >= 0xc0) windows++;
  }
  if (mac !== windows) return mac > windows;
  return head.includes(0x0d) && !head.includes(0x0a);
};

/** ISO 8859-15 has the euro sign where Windows-1252 has a sign nobody uses, and nothing at 0x80-0x9f. */
const looksLatin9 = (head: Buffer): boolean => head.includes(0xa4) && !head.some(byte => byte >= 0x80 && byte <= 0x9f);

export type Decoder = {
  write: (chunk: Buffer) => string;
  end: () => string;
  /** Bytes that did not fit the encoding and were read as Windows-1252. */
  mended: () => number;
};

/** Decodes a stream chunk by chunk; byte order marks (files put together have them in the middle) and NUL characters are left out. */
export const openDecoder = (encoding: Encoding): Decoder => {
  const inner = encoding === 'utf-8' ? utf8Decoder() : otherDecoder(encoding);
  const clean = (text: string): string => {
    const unmarked = text.includes('\ufeff') ? text.replaceAll('\ufeff', '') : text;
    return unmarked.includes('\0') ? unmarked.replaceAll('\0', '') : unmarked;
  };
  return { write: chunk => clean(inner.write(chunk)), end: () => clean(inner.end()), mended: inner.mended };
};

const otherDecoder = (encoding: Encoding): Decoder => {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false });
  return { write: chunk => decoder.write(chunk), end: () => decoder.end() ?? '', mended: () => 0 };
};

const utf8Decoder = (): Decoder => {
  let rest: Buffer | null = null;
  let mended = 0;
  const decode = (bytes: Buffer, isLast: boolean): string => {
    const end = isLast ? bytes.length : bytes.length - cutLength(bytes);
    rest = end < bytes.length ? Buffer.from(bytes.subarray(end)) : null;
    const text = bytes.toString('utf8', 0, end);
    // U+FFFD appears where bytes were wrong (or, rarely, was written in the file: then mending finds nothing to do).
    return text.includes('\ufffd') ? mend(bytes.subarray(0, end)) : text;
  };
  const mend = (bytes: Buffer): string => {
    const parts: string[] = [];
    let from = 0;
    for (let i = 0; i < bytes.length; ) {
      const length = sequenceLength(bytes, i);
      if (length > 0) {
        i += length;
        continue;
      }
      parts.push(bytes.toString('utf8', from, i), iconv.decode(bytes.subarray(i, i + 1), 'windows-1252'));
      mended++;
      from = ++i;
    }
    parts.push(bytes.toString('utf8', from));
    return parts.join('');
  };
  return {
    write: chunk => decode(rest ? Buffer.concat([rest, chunk]) : chunk, false),
    end: () => (rest ? decode(rest, true) : ''),
    mended: () => mended,
  };
};

/** How many bytes at the end begin a sequence that goes on in the next chunk. */
const cutLength = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
};
