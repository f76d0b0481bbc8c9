/** For tests: files through the upload door, as a browser sends them. */
import { crc32, deflateRawSync } from 'node:zlib';
import { expect } from 'vitest';
import type { TestHouse } from '../../../platform/testing.ts';

const boundary = 'a-boundary-no-file-holds';
const part = (head: string, body: string | Buffer) =>
  Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(body as string),
    Buffer.from('\r\n'),
  ]);

export const bringer = (house: TestHouse) => {
  const send = (parts: Buffer[]) =>
    house.request('POST', '/api/imports', {
      body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
  const fieldsOf = (fields: Record<string, string>) => Object.entries(fields).map(([key, value]) => part(`name="${key}"`, value));
  const bring = (content: string | Buffer, name = 'list.csv', fields: Record<string, string> = {}) =>
    send([...fieldsOf(fields), part(`name="file"; filename="${name}"\r\nContent-Type: text/csv`, content)]);
  const show = async (id: string) => (await house.request('GET', `/api/imports/${id}`)).body;
  const edit = async (one: { id: string; version: number }, change: object) => {
    const answer = await house.request('POST', `/api/imports/${one.id}/mapping`, { body: { version: one.version, ...change } });
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  };
  const act = async (id: string, verb: 'start' | 'dry-run' | 'undo') => {
    const answer = await house.request('POST', `/api/imports/${id}/${verb}`);
    expect(answer.status, answer.text).toBe(202);
    await house.drain();
    return show(id);
  };
  return {
    bring,
    /** A form with an address instead of a file. */
    bringUrl: (fields: Record<string, string>) => send(fieldsOf(fields)),
    show,
    edit,
    act,
    /** Upload, correct, start; the finished import. */
    bringAll: async (content: string | Buffer, change?: object, name?: string, fields?: Record<string, string>) => {
      const up = await bring(content, name, fields);
      expect(up.status, up.text).toBe(201);
      return act((change ? await edit(up.body, change) : up.body).id, 'start');
    },
    /** Rows of the report: number, outcome and reason. */
    report: async (id: string) => (await house.request('GET', `/api/imports/${id}/errors.csv?outcome=all`)).text,
  };
};

/** A zip archive of these files, deflated, without extras. */
export const zipOf = (files: Record<string, string | Buffer>): Buffer => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const plain = Buffer.from(content as string);
    const packed = deflateRawSync(plain);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(plain.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed]);
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(offset, 12);
    // Version made by, the fields shared with the local header, then comment, disk, attributes and place.
    directory.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, entry.subarray(2), Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, list, end]);
};
