import * as z from 'zod/mini';
import { apiError, json } from '../api/request.ts';
import { Frame, type Said, type Told } from './live-messages.ts';
import { getLivePeople } from './live-people.ts';

/** Pauses between tries, ms; the last is repeated. */
const pausesMs = [500, 1000, 2000, 4000, 8000, 15_000] as const;
/** After which silence the line is taken for broken, ms: the service says something every 15 s. */
const silentMs = 40_000;

/** Why there is no line any more, in words for people; what closed it, by code. */
const endings: Readonly<Record<number, string>> = {
  1008: 'The service ended the line. Join again.',
  1013: 'Too many people look at this case together already. Try again when one has left.',
  4401: 'You are signed out.',
  4403: 'You cannot see this case any more.',
};

/** Whom a line tells. */
export interface LineListener {
  readonly told: (frame: readonly Told[]) => void;
  /** Whether the line is there; if not, it is tried again. */
  readonly changed: (isOpen: boolean) => void;
  /** It will not be tried again. */
  readonly ended: (why: string) => void;
}

/** The line to the room of a case; when it breaks, it is tried again after longer and longer pauses. */
export class LiveLine {
  readonly #caseId: string;
  readonly #listener: LineListener;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #isClosed = false;

  constructor(caseId: string, listener: LineListener) {
    this.#caseId = caseId;
    this.#listener = listener;
    addEventListener('online', this.#tryNow);
    this.#open();
  }

  /** Says something; while there is no line, nothing. */
  say(message: Said): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Ends the line. */
  close(): void {
    this.#isClosed = true;
    removeEventListener('online', this.#tryNow);
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#socket?.close();
  }

  readonly #tryNow = (): void => {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#open();
  };

  #open(): void {
    this.#timer = undefined;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/cases/${this.#caseId}/live`);
    this.#socket = socket;
    let wasOpen = false;
    socket.addEventListener('open', () => {
      wasOpen = true;
      this.#tries = 0;
      this.#listen(socket);
      this.#listener.changed(true);
    });
    socket.addEventListener('message', ({ data }) => this.#take(socket, data));
    socket.addEventListener('close', ({ code }) => {
      if (!this.#isClosed && this.#socket === socket) void this.#lost(code, wasOpen);
    });
  }

  #take(socket: WebSocket, text: unknown): void {
    this.#listen(socket);
    const frame = z.safeParse(Frame, typeof text === 'string' ? json(text) : undefined);
    // What only a newer release says is not understood, and not needed.
    if (frame.success && !this.#isClosed) this.#listener.told(frame.data);
  }

  /** Takes a line on which nothing has come for long for broken. */
  #listen(socket: WebSocket): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      socket.close();
      // A line that is cut does not answer to its closing.
      if (this.#socket === socket && !this.#isClosed) void this.#lost(1006, true);
    }, silentMs);
  }

  async #lost(code: number, wasOpen: boolean): Promise<void> {
    this.#socket = undefined;
    clearTimeout(this.#watch);
    const why = endings[code] ?? (wasOpen ? undefined : await this.#refusal());
    if (this.#isClosed) return;
    if (why !== undefined) {
      this.close();
      this.#listener.ended(why);
      return;
    }
    this.#listener.changed(false);
    const pause = pausesMs[Math.min(this.#tries, pausesMs.length - 1)] ?? 15_000;
    this.#tries += 1;
    // Not all pages of a service that was started again come at once.
    this.#timer = setTimeout(() => this.#open(), pause * (0.75 + Math.random() / 2));
  }

  /** Browsers do not say why a WebSocket was refused; the same address asked for in HTTP does. */
  async #refusal(): Promise<string | undefined> {
    try {
      await getLivePeople(this.#caseId);
      return undefined;
    } catch (error) {
      const { status } = apiError(error);
      if (status === 401) return endings[4401];
      return status === 403 || status === 404 ? endings[4403] : undefined;
    }
  }
}
