import type { RawData, WebSocket } from 'ws';
import { FromPage, type ToPage } from '../cases/live/messages.ts';
import type { Seat } from '../cases/live/rooms.ts';

/** Why a socket is ended, so that the page knows whether to come again. */
export const closeCodes = {
  /** The process ends; another takes over. */
  restart: 1012,
  failed: 1011,
  full: 1013,
  /** Too much, or what is no message. */
  refused: 1008,
  'signed-out': 4401,
  withdrawn: 4403,
} as const;

/** Messages a second, and at once. */
const [perSecond, burst] = [40, 80];
/** Messages above that before the socket is ended. */
const maxExcess = 400;
/** What may wait to be sent before views and pointers are left out, and before the socket is ended, bytes. */
const [slowBytes, stuckBytes] = [64 * 1024, 1024 * 1024];
/** Between two signs of life, ms. */
const beatMs = 15_000;
/** How often in a row it may not be known whether somebody may stay. */
const maxUnknown = 3;

/** What a socket stands on. */
export interface LiveSocketParts {
  readonly caseId: string;
  /** Whether they may be here still. @throws when that cannot be known now */
  readonly mayStay: (isAtWork: boolean) => Promise<'yes' | 'signed-out' | 'withdrawn'>;
}

/** A page's line to a room: bounds what it says and how much waits for it, and ends when nobody is at its other end. */
export class LiveSocket {
  readonly caseId: string;
  readonly #ws: WebSocket;
  readonly #mayStay: LiveSocketParts['mayStay'];
  readonly #timer: NodeJS.Timeout;
  #seat: Seat | undefined;
  #tokens: number = burst;
  #filledAt = performance.now();
  #excess = 0;
  #isAlive = true;
  #isAtWork = false;
  #checking: Promise<void> | undefined;
  #unknown = 0;

  constructor(ws: WebSocket, { caseId, mayStay }: LiveSocketParts) {
    this.#ws = ws;
    this.caseId = caseId;
    this.#mayStay = mayStay;
    ws.on('message', (bytes, isBinary) => this.#take(bytes, isBinary));
    ws.on('pong', () => (this.#isAlive = true));
    // Its end is what counts.
    ws.on('error', () => ws.terminate());
    ws.once('close', () => this.#leave());
    this.#timer = setInterval(() => this.#beat(), beatMs);
    this.#timer.unref();
  }

  /** Gives the page its seat; what it said before is lost. */
  sit(seat: Seat): void {
    this.#seat = seat;
    if (this.#ws.readyState !== this.#ws.OPEN) this.#leave();
  }

  /** Sends a frame; a page that cannot keep up is told less. */
  send(frame: readonly ToPage[]): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    const waits = this.#ws.bufferedAmount;
    if (waits > stuckBytes) return this.#ws.terminate();
    const told =
      waits < slowBytes ? frame : frame.filter(({ kind }) => kind !== 'view' && kind !== 'pointer');
    if (told.length > 0) this.#ws.send(JSON.stringify(told));
  }

  /** Looks whether they may be here still, and ends the line if not. */
  async check(): Promise<void> {
    // What was asked before a change does not answer for after it.
    await this.#checking;
    this.#checking ??= this.#look().finally(() => (this.#checking = undefined));
    await this.#checking;
  }

  async #look(): Promise<void> {
    const isAtWork = this.#isAtWork;
    this.#isAtWork = false;
    try {
      const answer = await this.#mayStay(isAtWork);
      this.#unknown = 0;
      if (answer !== 'yes') this.end(closeCodes[answer]);
    } catch {
      // The database is away for a moment; who cannot be asked about for longer has to come anew.
      this.#unknown += 1;
      if (this.#unknown >= maxUnknown) this.end(closeCodes.restart);
    }
  }

  /** Ends the line; at once, when the page does not answer soon. */
  end(code: number): void {
    this.#leave();
    this.#ws.close(code);
    setTimeout(() => this.#ws.terminate(), 1000).unref();
  }

  #take(bytes: RawData, isBinary: boolean): void {
    if (!this.#mayTake()) return;
    const message = isBinary ? undefined : messageIn(bytes);
    if (message === undefined) return this.end(closeCodes.refused);
    if (message.kind === 'pointer') this.#isAtWork = true;
    this.#seat?.take(message);
  }

  /** Whether a message is within the rate; what is above is dropped, and at last ends the line. */
  #mayTake(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return true;
    }
    this.#excess += 1;
    if (this.#excess > maxExcess) this.end(closeCodes.refused);
    return false;
  }

  #beat(): void {
    if (!this.#isAlive) return this.#ws.terminate();
    this.#isAlive = false;
    this.#ws.ping();
    this.send([{ kind: 'beat' }]);
  }

  #leave(): void {
    clearInterval(this.#timer);
    this.#seat?.leave();
    this.#seat = undefined;
  }
}

function messageIn(bytes: RawData): FromPage | undefined {
  try {
    const text = Buffer.isBuffer(bytes) ? bytes.toString() : '';
    return FromPage.parse(JSON.parse(text));
  } catch {
    // Whatever it is, it is no message.
    return undefined;
  }
}
