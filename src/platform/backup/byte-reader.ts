/** Reads a stream of bytes in portions of a known size, holding no more than is asked for. */
export class ByteReader {
  private readonly source: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);
  private ended = false;

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** That many bytes, or null when the stream ends before. */
  async exactly(bytes: number): Promise<Buffer | null> {
    const parts: Buffer[] = [this.held];
    let size = this.held.length;
    while (size < bytes && (await this.more())) {
      parts.push(this.held);
      size += this.held.length;
    }
    const all = parts.length === 1 ? this.held : Buffer.concat(parts);
    if (all.length < bytes) return null;
    this.held = all.subarray(bytes);
    return all.subarray(0, bytes);
  }

  /** Up to and with the next line feed; null when there is none within `most` bytes. */
  async line(most: number): Promise<string | null> {
    let all = this.held;
    while (!all.includes(10) && all.length < most && (await this.more())) all = Buffer.concat([all, this.held]);
    const end = all.indexOf(10);
    this.held = end < 0 ? all : all.subarray(end + 1);
    return end < 0 ? null : all.subarray(0, end + 1).toString('utf8');
  }

  isAtEnd(): boolean {
    return this.ended && this.held.length === 0;
  }

  /** Whether nothing follows; reads on to find out. */
  async peekEnd(): Promise<boolean> {
    while (this.held.length === 0) if (!(await this.more())) return true;
    return false;
  }

  private async more(): Promise<boolean> {
    const next = await this.source.next();
    this.held = next.done === true ? Buffer.alloc(0) : next.value;
    this.ended ||= next.done === true;
    return next.done !== true;
  }
}
