/** For tests: an authenticator in software (ES256, resident keys, counters), which answers what the browser would hand it. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
const text = (buffer: Buffer): string => buffer.toString('base64url');
const sha256 = (value: Buffer | string): Buffer => createHash('sha256').update(value).digest();

/** The little CBOR that an attestation needs. */
const head = (major: number, length: number): Buffer =>
  length < 24
    ? Buffer.from([(major << 5) | length])
    : length < 256
      ? Buffer.from([(major << 5) | 24, length])
      : Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
const cborInt = (value: number): Buffer => (value >= 0 ? head(0, value) : head(1, -1 - value));
const cborText = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const cborBytes = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value]);
const cborMap = (pairs: [Buffer, Buffer][]): Buffer => Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

export type SoftPasskey = {
  create: (options: { challenge: string; rp: { id?: string } }, origin: string) => Record<string, unknown>;
  get: (
    options: { challenge: string; rpId?: string },
    origin: string,
    how?: { verified?: boolean; counter?: number },
  ) => Record<string, unknown>;
};

export const softPasskey = (): SoftPasskey => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  let counter = 0;
  const clientData = (type: string, challenge: string, origin: string): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const authData = (rpId: string, flags: number, count: number, more = Buffer.alloc(0)): Buffer => {
    const counted = Buffer.alloc(4);
    counted.writeUInt32BE(count);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counted, more]);
  };
  return {
    create: (options, origin) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const credential = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)]);
      const data = authData(options.rp.id ?? new URL(origin).hostname, 0x45, counter, credential);
      const attestation = cborMap([
        [cborText('fmt'), cborText('none')],
        [cborText('attStmt'), cborMap([])],
        [cborText('authData'), cborBytes(data)],
      ]);
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: text(clientData('webauthn.create', options.challenge, origin)),
          attestationObject: text(attestation),
          transports: ['internal'],
        },
      };
    },
    get: (options, origin, { verified = true, counter: forced } = {}) => {
      counter = forced ?? counter + 1;
      const data = authData(options.rpId ?? new URL(origin).hostname, verified ? 0x05 : 0x01, counter);
      const client = clientData('webauthn.get', options.challenge, origin);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      return {
        id: text(id),
        rawId: text(id),
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON: text(client), authenticatorData: text(data), signature: text(signature) },
      };
    },
  };
};

const coseKey = (key: KeyObject): Buffer => {
  const { x, y } = key.export({ format: 'jwk' }) as { x: string; y: string };
  return cborMap([
    [cborInt(1), cborInt(2)],
    [cborInt(3), cborInt(-7)],
    [cborInt(-1), cborInt(1)],
    [cborInt(-2), cborBytes(bytes(x))],
    [cborInt(-3), cborBytes(bytes(y))],
  ]);
};
