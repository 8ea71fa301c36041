import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addressOf, cookieOf } from './request-proof.ts';

/** What is made of a request with these headers, as a server sees it. */
async function arrived<T>(headers: Record<string, string>, see: (req: IncomingMessage) => T): Promise<T> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const seen = await new Promise<T>((resolve) => {
    server.once('request', (req, res) => {
      resolve(see(req));
      res.end();
    });
    get({ port, host: '127.0.0.1', headers, agent: false }).on('error', () => {});
  });
  server.close();
  return seen;
}

describe('cookieOf', () => {
  it.each([
    ['session=a', 'a'],
    ['x=1; session=a; y=2', 'a'],
    ['mysession=z; session=a', 'a'],
    ['x=session=z; session=a', 'a'],
    ['session2=z; session=a', 'a'],
    ['session=', ''],
    ['mysession=z', undefined],
    ['x=session=z', undefined],
    ['session', undefined],
  ])('of %j is %j', (cookie, value) => {
    expect(cookieOf({ cookie }, 'session')).toBe(value);
  });
});

describe('addressOf', () => {
  it.each([
    [{}, false, '127.0.0.1'],
    [{ 'X-Forwarded-For': '203.0.113.9' }, false, '127.0.0.1'],
    [{ 'X-Forwarded-For': '10.0.0.1, 203.0.113.9' }, true, '203.0.113.9'],
    [{ 'X-Forwarded-For': '::ffff:203.0.113.9' }, true, '203.0.113.9'],
    [{ 'X-Forwarded-For': '2001:db8:1:2:3:4:5:6' }, true, '2001:db8:1:2::/64'],
    [{ 'X-Forwarded-For': '2001:db8::7' }, true, '2001:db8:0:0::/64'],
    [{ 'X-Forwarded-For': '::1' }, true, '0:0:0:0::/64'],
    [{ 'X-Forwarded-For': '2001:db8:1:2::%eth0' }, true, '2001:db8:1:2::/64'],
    [{}, true, '127.0.0.1'],
  ])('of %j with a trusted proxy: %j is %s', async (headers, trustsProxy, address) => {
    expect(await arrived(headers, (req) => addressOf(req, { trustsProxy }))).toBe(address);
  });
});
