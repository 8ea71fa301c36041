import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { ServiceError } from '../core/errors.ts';
import { apiTokenPrefix } from './api-tokens.ts';

/** Name of the cookie that holds a session. */
export const sessionCookie = 'telepath_session';

const bearer = 'Bearer ';

/** The value of a cookie of a request; undefined when it has none of that name. */
export function cookieOf({ cookie }: IncomingHttpHeaders, name: string): string | undefined {
  if (cookie === undefined) return undefined;
  for (let at = cookie.indexOf(name); at !== -1; at = cookie.indexOf(name, at + 1)) {
    const isName =
      (at === 0 || cookie[at - 1] === ' ' || cookie[at - 1] === ';') && cookie[at + name.length] === '=';
    if (!isName) continue;
    const end = cookie.indexOf(';', at);
    return cookie.slice(at + name.length + 1, end === -1 ? undefined : end);
  }
  return undefined;
}

/** What a request shows of who sends it. */
export interface Proof {
  readonly kind: 'token' | 'session';
  readonly secret: string;
}

/** What a request shows of who sends it: an API token before a session's cookie. */
export function proofOf({ headers }: IncomingMessage): Proof | undefined {
  const { authorization } = headers;
  if (authorization?.startsWith(bearer + apiTokenPrefix) === true)
    return { kind: 'token', secret: authorization.slice(bearer.length) };
  const secret = cookieOf(headers, sessionCookie);
  return secret === undefined || secret === '' ? undefined : { kind: 'session', secret };
}

/**
 * Whether a page of this service made the browser send a request: undefined where nothing says so, as from a program.
 *
 * @see Fetch Metadata, `Sec-Fetch-Site`; RFC 6454, `Origin`
 */
export function isFromOwnPage({ headers }: IncomingMessage): boolean | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  return origin === undefined ? undefined : URL.parse(origin)?.host === host;
}

/** Whether a request only reads. */
export function isSafe({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** @throws {ServiceError} `forbidden`, when a page from elsewhere made the browser send a request */
export function refuseFromElsewhere(req: IncomingMessage, isProofNeeded: boolean): void {
  const isOwn = isFromOwnPage(req);
  if (isOwn === true || (isOwn === undefined && !isProofNeeded)) return;
  throw new ServiceError(
    'forbidden',
    'the request comes from a page elsewhere, or does not say from where (Origin); programs send an API token',
  );
}

/** How requests reach the service. */
export interface Line {
  /** Whether one proxy in front is trusted to say who asks (`X-Forwarded-For`) and how (`X-Forwarded-Proto`). */
  readonly trustsProxy: boolean;
}

/** Whether nobody on the way between browser and service, or its proxy, can read a request. */
export function isEncrypted(req: IncomingMessage, { trustsProxy }: Line): boolean {
  if (req.socket instanceof TLSSocket) return true;
  return trustsProxy && lastOf(req.headers['x-forwarded-proto']) === 'https';
}

/** @throws {ServiceError} `forbidden` where a proxy is declared that does not say that its line is encrypted */
export function checkLine(req: IncomingMessage, line: Line): void {
  if (line.trustsProxy && !isEncrypted(req, line))
    throw new ServiceError(
      'forbidden',
      'the proxy did not say that the connection is encrypted; it must send X-Forwarded-Proto: https',
    );
}

/** The address a request comes from; of IPv6 the network (/64), which is what one household or attacker has. */
export function addressOf(req: IncomingMessage, { trustsProxy }: Line): string {
  const forwarded = trustsProxy ? lastOf(req.headers['x-forwarded-for']) : undefined;
  const address = (forwarded ?? req.socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
  return address.includes(':') ? networkOf(address) : address;
}

/** What the nearest proxy added to a header that every proxy adds to. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return header?.toString().split(',').at(-1)?.trim();
}

/** The first four groups of an IPv6 address. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head.split(':').filter((group) => group !== '');
  const end = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - end.length) }, () => '0');
  return `${[...groups, ...zeros, ...end].slice(0, 4).join(':')}::/64`;
}
