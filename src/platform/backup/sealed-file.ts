/**
 * A file that only the root key opens: a line that names the key and a salt, then chunks sealed with AES-256-GCM. Each chunk's nonce is its
 * number, and the last one says that it is the last, so that nothing can be changed, swapped, or cut off (the STREAM construction, Hoang et al. 2015).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { Transform } from 'node:stream';
import { openSecrets, rootKeyFileOf, type Secrets } from '../secrets.ts';
import { StartError } from '../start-error.ts';
import { ByteReader } from './byte-reader.ts';

const magic = 'regulars-backup-1';
const chunkBytes = 256 * 1024;
const tagBytes = 16;
const purpose = 'backup';

const nonceOf = (number: number, isLast: boolean): Buffer => {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 0);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
};

/** `secrets.hmac` of a salt nobody has seen before is a key nobody else can compute. */
const keyOf = (secrets: Secrets, salt: string, keyId?: string): { id: string; key: Buffer } => {
  const [id = '', hex = ''] = secrets.hmac(purpose, salt, keyId).split('.');
  return { id, key: Buffer.from(hex, 'hex') };
};

/** Bytes in, sealed file out. */
export const sealing = (secrets: Secrets): Transform => {
  const salt = randomBytes(24).toString('hex');
  const { id, key } = keyOf(secrets, salt);
  const header = Buffer.from(`${magic} ${id} ${salt}\n`);
  let waiting: Buffer[] = [];
  let size = 0;
  let number = 0;
  const seal = (bytes: Buffer, isLast: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++, isLast)).setAAD(header);
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.length);
    return Buffer.concat([length, sealed]);
  };
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      waiting.push(chunk);
      size += chunk.length;
      while (size > chunkBytes) {
        const all = Buffer.concat(waiting);
        this.push(seal(all.subarray(0, chunkBytes), false));
        waiting = [all.subarray(chunkBytes)];
        size = all.length - chunkBytes;
      }
      done();
    },
    flush(done) {
      this.push(seal(Buffer.concat(waiting), true));
      done();
    },
  });
  stream.push(header);
  return stream;
};

/** Sealed file in, bytes out. Throws a StartError for another key, a changed or an unfinished file. */
export const unsealed = async function* (source: AsyncIterable<Buffer>, secrets: Secrets, file: string): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  const header = await reader.line(400);
  const [word, id = '', salt = ''] = header?.trim().split(' ') ?? [];
  if (header === null || word !== magic)
    throw new StartError(`${file} is not a backup of Regulars: choose a file that "npm run backup" wrote.`);
  const { key } = keyFor(secrets, salt, id, file);
  for (let number = 0; ; number++) {
    const length = await reader.exactly(4);
    if (length === null) throw cutOff(file);
    const sealed = await reader.exactly(length.readUInt32BE());
    if (sealed === null || sealed.length < tagBytes) throw cutOff(file);
    const isLast = reader.isAtEnd() || (await reader.peekEnd());
    yield open(sealed, key, number, isLast, Buffer.from(header), file);
    if (isLast) return;
  }
};

/** Throws the StartError that a restore would end with: not a backup, another key, changed at its beginning. */
export const checkSealed = async (file: string, settings: { rootKey: string | null; dataFolder: string }): Promise<void> => {
  const source = createReadStream(file) as AsyncIterable<Buffer>;
  const keyFile = rootKeyFileOf(settings.dataFolder);
  // openSecrets would make a new key, which opens nothing.
  if (settings.rootKey === null && !existsSync(keyFile))
    throw new StartError(
      `A backup opens only with the root key of its installation: put that root.key into ${settings.dataFolder} (or set REGULARS_ROOT_KEY), then restore again.`,
    );
  for await (const bytes of unsealed(source, openSecrets(settings), file)) if (bytes.length > 0) return;
};

const open = (sealed: Buffer, key: Buffer, number: number, isLast: boolean, header: Buffer, file: string): Buffer => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast)).setAAD(header);
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch {
    throw isLast
      ? cutOff(file)
      : new StartError(`${file} was changed after it was written, so nothing of it was taken: use another backup.`);
  }
};

const cutOff = (file: string): StartError =>
  new StartError(`${file} is not complete, or was changed: copy it again, or use another backup.`);

const keyFor = (secrets: Secrets, salt: string, id: string, file: string): { key: Buffer } => {
  try {
    return keyOf(secrets, salt, id);
  } catch {
    throw new StartError(
      `${file} was sealed with the root key ${id}, which is not here: put that installation's root.key into the data folder (or its REGULARS_ROOT_KEY into the environment), then restore again.`,
    );
  }
};
