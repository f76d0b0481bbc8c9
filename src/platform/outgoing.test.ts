import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkOutgoingUrl, openOut, sendOut } from './outgoing.ts';

let server: Server;
let own: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/moved') return response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    if (request.url === '/slow') return;
    if (request.url === '/endless') return response.write(Buffer.alloc(300_000));
    if (request.url === '/stops')
      return response.writeHead(200, { 'content-length': '10' }).write('abc', () => response.destroy());
    response.writeHead(200, { 'x-seen': request.headers['x-token'] ?? '' }).end(`${request.method} ${request.url}`);
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  own = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const allowed = () => ({ config: { privateHosts: [own] } });
const closed = { config: { privateHosts: [] } };

describe('where requests may go', () => {
  const refused: [string, string][] = [
    ['https://127.0.0.1/', 'refused_address'],
    ['https://10.1.2.3/', 'refused_address'],
    ['https://192.168.0.1/', 'refused_address'],
    ['https://169.254.169.254/latest/meta-data', 'refused_address'],
    ['https://100.64.0.1/', 'refused_address'],
    ['https://0.0.0.0/', 'refused_address'],
    ['https://255.255.255.255/', 'refused_address'],
    ['https://224.0.0.1/', 'refused_address'],
    ['https://2130706433/', 'refused_address'],
    ['https://0x7f.1/', 'refused_address'],
    ['https://[::1]/', 'refused_address'],
    ['https://[::]/', 'refused_address'],
    ['https://[fe80::1]/', 'refused_address'],
    ['https://[fd00::1]/', 'refused_address'],
    ['https://[::ffff:127.0.0.1]/', 'refused_address'],
    ['https://[64:ff9b::7f00:1]/', 'refused_address'],
    ['https://[2002:7f00:1::]/', 'refused_address'],
    ['https://localhost/', 'refused_address'],
    ['http://example.com/', 'bad_url'],
    ['ftp://example.com/', 'bad_url'],
    ['file:///etc/passwd', 'bad_url'],
    ['https://user:password@example.com/', 'bad_url'],
    ['not an address', 'bad_url'],
    ['', 'bad_url'],
  ];
  it.each(refused)('%s is %s', async (url, code) => {
    await expect(sendOut(closed, { url, timeout_ms: 2_000 })).rejects.toMatchObject({ code });
  });
  it.each(['https://93.184.215.14/', 'https://example.com:8443/x', 'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/'])(
    '%s may be asked',
    url => expect(checkOutgoingUrl(closed, url).href).toContain('https://'),
  );
  it('reaches a private host only by the very port that is named', async () => {
    expect((await sendOut(allowed(), { url: `http://${own}/a` })).status).toBe(200);
    await expect(sendOut(closed, { url: `http://${own}/a` })).rejects.toMatchObject({ code: 'bad_url' });
    await expect(sendOut(allowed(), { url: `http://127.0.0.1:1/a` })).rejects.toMatchObject({ code: 'bad_url' });
  });
});

describe('an exchange', () => {
  it('sends method, headers and body, and reads the answer', async () => {
    const answer = await sendOut(allowed(), {
      url: `http://${own}/x`,
      method: 'POST',
      headers: { 'x-token': 'abc' },
      body: '{}',
    });
    expect({ ...answer, body: answer.body.toString() }).toMatchObject({
      status: 200,
      body: 'POST /x',
      headers: { 'x-seen': 'abc' },
    });
  });
  it('follows no redirect', async () => {
    expect(await sendOut(allowed(), { url: `http://${own}/moved` })).toMatchObject({ status: 302 });
  });
  it('gives up in time', async () => {
    await expect(sendOut(allowed(), { url: `http://${own}/slow`, timeout_ms: 200 })).rejects.toMatchObject({ code: 'timeout' });
  });
  it('stops reading what is too large, whole or as a stream', async () => {
    const url = `http://${own}/endless`;
    await expect(sendOut(allowed(), { url, largest_bytes: 100_000 })).rejects.toMatchObject({ code: 'too_large' });
    const { body } = await openOut(allowed(), { url, largest_bytes: 100_000 });
    await expect(text(body)).rejects.toMatchObject({ code: 'too_large' });
  });
  it('fails as a stream when the other side breaks off', async () => {
    const { body } = await openOut(allowed(), { url: `http://${own}/stops` });
    await expect(text(body)).rejects.toMatchObject({ code: 'unreachable' });
  });
  it('says that nobody is there', async () => {
    const nobody = '127.0.0.1:1';
    await expect(sendOut({ config: { privateHosts: [nobody] } }, { url: `http://${nobody}/` })).rejects.toMatchObject({
      code: 'unreachable',
    });
  });
});
