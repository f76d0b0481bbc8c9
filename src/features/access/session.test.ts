import { describe, expect, it } from 'vitest';
import { browserOf, cookieFor, tokenIn } from './session.ts';

const plain = { secureCookies: false, port: 3000 };
const tls = { secureCookies: true, port: 3000 };

describe('the session cookie', () => {
  it('is bound to the host where there is TLS, and to the port where there is none', () => {
    expect(cookieFor(tls, 'abc')).toBe('__Host-regulars=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure');
    expect(cookieFor(plain, 'abc')).toBe('regulars_3000=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000');
    expect(cookieFor(plain, null)).toContain('Max-Age=0');
  });

  it.each([
    ['regulars_3000=abc', 'abc'],
    ['other=1; regulars_3000=abc; x=2', 'abc'],
    ['regulars_30000=abc', null],
    ['xregulars_3000=abc', null],
    ['regulars_3000=', null],
    ['', null],
    [undefined, null],
  ])('in "%s" is %s', (header, token) => expect(tokenIn(plain, header)).toBe(token));
});

it.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox, Linux'],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge, Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Safari/605', 'Safari, iOS'],
  ['Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36', 'Chrome, Android'],
  ['curl/8.5.0', 'curl'],
  [undefined, ''],
])('%s is shown as "%s"', (userAgent, shown) => expect(browserOf(userAgent)).toBe(shown));
