import { describe, expect, it } from 'vitest';
import { faultOf, hashPassword, isPassword } from './password.ts';

describe('a password', () => {
  it.each([
    ['short1!', 'short'],
    ['qwertyuiop', 'common'],
    ['Password2024!', 'common'],
    ['1234567890', 'common'],
    ['abcdefghijkl', 'common'],
    ['aaaaaaaaaaaa', 'common'],
    ['!!dragon9999', 'common'],
    ['anaperez1986', 'about_you'],
    ['ana.perez@shop', 'about_you'],
    ['x'.repeat(201), 'long'],
    ['three wet umbrellas', null],
    ['Tr0ub4dor&3x', null],
    ['пароль для магазина', null],
  ])('%s -> %s', (password, fault) => {
    expect(faultOf(password, ['Ana Perez', 'ana.perez@shop.example'])).toBe(fault);
  });

  it('is kept as Argon2id with at least 19 MiB and two passes', async () => {
    const hash = await hashPassword('three wet umbrellas');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await isPassword(hash, 'three wet umbrellas')).toBe(true);
    expect(await isPassword(hash, 'three wet umbrella')).toBe(false);
    expect(await isPassword(null, 'three wet umbrellas')).toBe(false);
  });

  it('is the same whichever way its letters were composed', async () => {
    expect(await isPassword(await hashPassword('caf\u00e9 au lait bitte'), 'cafe\u0301 au lait bitte')).toBe(true);
  });
});
