import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { backgroundHeader } from '../auth/database-authenticator.ts';
import { may } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { refuseFromElsewhere, type Line } from '../auth/request-proof.ts';
import { authorOf } from '../cases/author.ts';
import { caseSubjectOf } from '../cases/case-subject.ts';
import { maxMessageBytes } from '../cases/live/messages.ts';
import type { LiveRooms } from '../cases/live/rooms.ts';
import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import type { Notices } from '../db/notices.ts';
import { problemOf } from './errors.ts';
import { Gate, type Passage } from './gate.ts';
import { closeCodes, LiveSocket } from './live-socket.ts';
import { Recorder } from './recorder.ts';

/** What the door stands on. */
export interface LiveDoorParts {
  readonly database: Database;
  readonly notices: Pick<Notices, 'on'>;
  readonly rooms: LiveRooms;
  readonly authenticator: Authenticator;
  readonly audit: Audit;
  readonly line: Line;
  readonly log: Logger;
}

/** Most sockets of one process. */
const maxSockets = 500;
/** How often it is looked whether those who are here still may be, ms. */
const checkMs = 2000;

const path = /^\/cases\/([0-9a-f]{32})\/live$/;

/** The case whose room a request asks to join by WebSocket; undefined for any other request. */
export function liveCaseOf({ url = '', headers }: IncomingMessage): string | undefined {
  return headers.upgrade?.toLowerCase() === 'websocket'
    ? path.exec(url.split('?', 1)[0] ?? '')?.[1]
    : undefined;
}

/**
 * Lets pages into the rooms of cases, by WebSocket on the same server: with the proof, the policy and the audit of any
 * request, and only from a page of this service. Every two seconds, and at once when who is asked has changed, it is
 * looked again whether each of them still may be there.
 */
export class LiveDoor {
  readonly #parts: LiveDoorParts;
  readonly #gate: Gate;
  readonly #sockets = new Set<LiveSocket>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });
  readonly #timer: NodeJS.Timeout;
  readonly #off: () => void;
  #isClosed = false;

  constructor(server: Server, parts: LiveDoorParts) {
    this.#parts = parts;
    this.#gate = new Gate(parts.authenticator, new Recorder(parts.audit, parts.line, parts.log));
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.#open(req, socket, head);
    });
    this.#off = parts.notices.on('grants', (caseId) => this.#check(caseId));
    this.#timer = setInterval(() => this.#check(undefined), checkMs);
    this.#timer.unref();
  }

  async #open(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      const caseId = liveCaseOf(req);
      if (caseId === undefined) throw new ServiceError('not-found', 'nothing to join at this address');
      if (this.#isClosed || this.#sockets.size >= maxSockets)
        throw new ServiceError('busy', 'this process takes nobody in now; try again');
      refuseFromElsewhere(req, true);
      const principal = await this.#admit(req, caseId);
      if (socket.destroyed) return;
      this.#server.handleUpgrade(req, socket, head, (ws) => void this.#seat(ws, { req, caseId, principal }));
    } catch (error) {
      refuse(socket, error, this.#parts.log);
    }
  }

  /** Who asks, when they may; written down. @throws {ServiceError} */
  async #admit(req: IncomingMessage, caseId: string): Promise<Principal> {
    const { database } = this.#parts;
    const passage: Passage = {
      action: 'case.view',
      subjectId: caseId,
      subject: async () => await caseSubjectOf(database, caseId),
    };
    const admission = await this.#gate.admit(req, passage, `nothing at /cases/${caseId}/live`);
    const note = { action: 'case.join', detail: () => undefined } as const;
    return await this.#gate.recorded(req, admission, note, () => admission.principal);
  }

  async #seat(
    ws: WebSocket,
    { req, caseId, principal }: { req: IncomingMessage; caseId: string; principal: Principal },
  ): Promise<void> {
    const socket = new LiveSocket(ws, { caseId, mayStay: this.#stays(req, caseId, principal) });
    this.#sockets.add(socket);
    ws.once('close', () => this.#sockets.delete(socket));
    try {
      socket.sit(
        await this.#parts.rooms.join(caseId, authorOf(principal).name, (frame) => socket.send(frame)),
      );
    } catch (error) {
      if (!(error instanceof ServiceError)) this.#parts.log.error({ err: error }, 'unexpected error');
      socket.end(
        error instanceof ServiceError && error.kind === 'busy' ? closeCodes.full : closeCodes.failed,
      );
    }
    if (this.#isClosed) socket.end(closeCodes.restart);
  }

  /** A question to ask at any time: may they be here still, as who they came? */
  #stays(
    req: IncomingMessage,
    caseId: string,
    came: Principal,
  ): (isAtWork: boolean) => Promise<'yes' | 'signed-out' | 'withdrawn'> {
    const { authenticator, database } = this.#parts;
    return async (isAtWork) => {
      // An open socket is no use of the service; a hand that moves is.
      if (isAtWork) delete req.headers[backgroundHeader];
      else req.headers[backgroundHeader] = '1';
      const principal = await authenticator.principalOf(req);
      if (!isSame(principal, came)) return came.kind === 'guest' ? 'withdrawn' : 'signed-out';
      const subject = await caseSubjectOf(database, caseId);
      return subject !== undefined && may(principal, 'case.view', subject) ? 'yes' : 'withdrawn';
    };
  }

  #check(caseId: string | undefined): void {
    for (const socket of this.#sockets)
      if (caseId === undefined || socket.caseId === caseId) void socket.check();
  }

  /** Sends everybody away; their pages join again, through another process. */
  close(): void {
    this.#isClosed = true;
    this.#off();
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.end(closeCodes.restart);
  }
}

function isSame(one: Principal, other: Principal): boolean {
  if (one.kind === 'person') return other.kind === 'person' && one.accountId === other.accountId;
  return one.kind === 'guest' && other.kind === 'guest' && one.grantId === other.grantId;
}

/** Answers in HTTP what does not become a WebSocket. */
function refuse(socket: Duplex, error: unknown, log: Logger): void {
  if (!(error instanceof ServiceError)) log.error({ err: error }, 'unexpected error');
  const { kind, message } =
    error instanceof ServiceError ? error : new ServiceError('unavailable', 'something went wrong here');
  const body = JSON.stringify(problemOf(kind, message));
  const { status, title } = problemOf(kind, message);
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Connection: close',
      'Cache-Control: no-store',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
