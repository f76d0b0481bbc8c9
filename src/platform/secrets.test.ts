import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecrets, rootKeyFileOf, rotateRootKey } from './secrets.ts';

describe('sealed secrets', () => {
  let dataFolder: string;
  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), 'regulars-secrets-'));
  });
  afterEach(() => rmSync(dataFolder, { recursive: true }));

  it('opens what it sealed, for the same record only', () => {
    const secrets = openSecrets({ dataFolder });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (plain, record, other) => {
        const sealed = secrets.seal(plain, record);
        expect(secrets.open(sealed, record)).toBe(Buffer.from(plain).toString());
        if (Buffer.from(record).compare(Buffer.from(other)) !== 0)
          expect(() => secrets.open(sealed, other)).toThrow(/belongs to another record/);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('refuses a sealed text of which any part was changed', () => {
    const secrets = openSecrets({ dataFolder });
    const sealed = secrets.seal('shpat_0123456789', 'connection/1');
    const [version, key, nonce, body] = sealed.split('.');
    const flip = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
    for (const broken of [
      [version, key, flip(nonce), body],
      [version, key, nonce, flip(body)],
      [version, key, nonce, body.slice(0, -6)],
      ['s2', key, nonce, body],
      [version, '00000000', nonce, body],
    ]) {
      expect(() => secrets.open(broken.join('.'), 'connection/1')).toThrow();
    }
    expect(sealed).not.toContain('shpat');
    expect(secrets.seal('shpat_0123456789', 'connection/1')).not.toBe(sealed);
  });

  it('rotates while processes run: old texts open, new ones use the new key, the other process follows', () => {
    const one = openSecrets({ dataFolder });
    const before = one.seal('old', 'r');
    const digestBefore = one.hmac('mail', 'ana@example.com');
    rotateRootKey(dataFolder);
    const two = openSecrets({ dataFolder });
    const after = two.seal('new', 'r');
    expect(two.open(before, 'r')).toBe('old');
    expect(one.open(after, 'r')).toBe('new');
    expect(two.isCurrent(before)).toBe(false);
    expect(two.isCurrent(after)).toBe(true);
    expect(two.hmac('mail', 'ana@example.com')).not.toBe(digestBefore);
    expect(two.hmacs('mail', 'ana@example.com')).toContain(digestBefore);
    expect(two.hmac('mail', 'ana@example.com', digestBefore.split('.')[0])).toBe(digestBefore);
    expect(two.hmac('phone', 'ana@example.com')).not.toBe(two.hmac('mail', 'ana@example.com'));
  });

  it('keeps the key file to its owner and says what to do when it is open to others', () => {
    openSecrets({ dataFolder });
    const file = rootKeyFileOf(dataFolder);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rotateRootKey(dataFolder);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
    chmodSync(file, 0o644);
    expect(() => openSecrets({ dataFolder })).toThrow(/chmod 600/);
  });

  it('takes keys from the environment and refuses one of the wrong size', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const secrets = openSecrets({ rootKey: key, dataFolder });
    const rotated = openSecrets({ rootKey: `${Buffer.alloc(32, 8).toString('hex')},${key}`, dataFolder });
    expect(rotated.open(secrets.seal('x', 'r'), 'r')).toBe('x');
    expect(() => openSecrets({ rootKey: 'short', dataFolder })).toThrow(/32 bytes/);
  });
});
