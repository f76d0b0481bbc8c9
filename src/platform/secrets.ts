/**
 * Sealed secrets (AES-256-GCM) and keyed digests (HMAC-SHA-256), both from root keys that live outside the database.
 * A sealed text carries the id of the key that sealed it, so keys rotate while the product runs: a new key is put in front,
 * what was sealed before still opens, and is sealed again when it is next written.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

export type Secrets = {
  /** Seals `plain` for one record; `recordId` ("connections.connection/<id>") is bound in, so a sealed text copied to another row does not open. */
  seal: (plain: string, recordId: string) => string;
  /** Opens what `seal` made; throws when the key is gone, the text was changed or it belongs to another record. */
  open: (sealed: string, recordId: string) => string;
  /** False once a newer key exists: seal again at the next write. */
  isCurrent: (sealed: string) => boolean;
  /** "<key id>.<hex>": a digest nobody can compute without the root key. `purpose` keeps digests of one value apart. */
  hmac: (purpose: string, value: string, keyId?: string) => string;
  /** The digest under every key that is kept: for looking up a value that was digested before a rotation. */
  hmacs: (purpose: string, value: string) => string[];
};

type RootKey = { id: string; seal: Buffer; hmac: Buffer };

const keyBytes = 32;
const howToMakeKey = 'Make one with: openssl rand -base64 32';

const derive = (root: Buffer, info: string): Buffer => Buffer.from(hkdfSync('sha256', root, '', `regulars/${info}`, keyBytes));

const parseRootKey = (text: string): RootKey => {
  const root = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (root.length !== keyBytes) throw new StartError(`A root key must be 32 bytes, written as base64 or hex. ${howToMakeKey}`);
  return { id: derive(root, 'id').toString('hex').slice(0, 8), seal: derive(root, 'seal'), hmac: derive(root, 'hmac') };
};

const parseRootKeys = (text: string, source: string): RootKey[] => {
  const keys = text
    .split(/[\s,]+/)
    .filter(part => part !== '')
    .map(parseRootKey);
  if (keys.length === 0)
    throw new StartError(
      `${source} holds no root key. Put the file back from your own copy: without it stored secrets cannot be opened.`,
    );
  return keys;
};

/**
 * `read` gives the root keys as text, newest first. It is called again when a sealed text names a key that is not known yet:
 * another process may just have rotated.
 */
export const secretsOf = (read: () => string, source: string): Secrets => {
  let keys = parseRootKeys(read(), source);
  const keyOf = (id: string): RootKey => {
    const find = () => keys.find(key => key.id === id);
    const known = find();
    if (known) return known;
    keys = parseRootKeys(read(), source);
    const added = find();
    if (!added)
      throw new StartError(
        `The root key ${id} is missing from ${source}. Add it behind the present one; secrets sealed with it cannot be opened without it.`,
      );
    return added;
  };
  const digest = (key: RootKey, purpose: string, value: string) =>
    `${key.id}.${createHmac('sha256', key.hmac).update(`${purpose}\0${value}`).digest('hex')}`;

  return {
    seal: (plain, recordId) => {
      const key = keys[0];
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key.seal, nonce).setAAD(Buffer.from(recordId));
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `s1.${key.id}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
    },
    open: (sealed, recordId) => {
      const [version, keyId, nonce, body] = sealed.split('.');
      if (version !== 's1' || !body) throw new Error('This is not a sealed secret.');
      const bytes = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', keyOf(keyId).seal, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(recordId)).setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
      } catch {
        throw new Error('A sealed secret was changed, or belongs to another record. Enter the secret again.');
      }
    },
    isCurrent: sealed => sealed.split('.')[1] === keys[0].id,
    hmac: (purpose, value, keyId) => digest(keyId === undefined ? keys[0] : keyOf(keyId), purpose, value),
    hmacs: (purpose, value) => keys.map(key => digest(key, purpose, value)),
  };
};

export const rootKeyFileOf = (dataFolder: string): string => join(dataFolder, 'root.key');

const readKeyFile = (file: string): string => {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new StartError(`Others on this machine can read ${file}, which opens every stored secret. Run: chmod 600 ${file}`);
  return readFileSync(file, 'utf8');
};

/** Makes the key file on the first start, whole at once: of two processes that start together one writes and both read the same. */
const ensureKeyFile = (file: string): void => {
  if (existsSync(file)) return;
  const fresh = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(fresh, `${randomBytes(keyBytes).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(fresh);
  }
};

/** `rootKey`: REGULARS_ROOT_KEY (several separated by commas, newest first); without it a key file in the data folder. */
export const openSecrets = (settings: { rootKey?: string | null; dataFolder: string }): Secrets => {
  const fromEnvironment = settings.rootKey;
  if (fromEnvironment) return secretsOf(() => fromEnvironment, 'REGULARS_ROOT_KEY');
  const file = rootKeyFileOf(settings.dataFolder);
  ensureKeyFile(file);
  return secretsOf(() => readKeyFile(file), file);
};

/** Puts a new key in front of the file's keys, whole or not at all; running processes notice by themselves. Returns the new key's id. */
export const rotateRootKey = (dataFolder: string): string => {
  const file = rootKeyFileOf(dataFolder);
  const fresh = randomBytes(keyBytes).toString('base64');
  const next = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(next, `${fresh}\n${readKeyFile(file)}`, { mode: 0o600 });
  renameSync(next, file);
  return parseRootKey(fresh).id;
};
