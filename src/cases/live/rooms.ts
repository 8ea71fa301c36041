import { newId } from '../../core/ids.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Notices } from '../../db/notices.ts';
import type { FromPage, Member, Relay, ToPage } from './messages.ts';
import { RelayLine } from './relay-line.ts';

/** Most people in one room. */
export const maxPeople = 20;
/** Between two frames to a page, and two notices to other processes, ms: about 15 a second. */
const frameMs = 66;
/** How often each process says again who is here, ms, and after which silence somebody counts as gone. */
const [againMs, silentMs] = [5000, 16_000];

/** How the slides of a case are looked up: their ids, and what they are called within it. */
export type SlidesOf = (
  caseId: string,
) => Promise<readonly { readonly id: string; readonly title: string }[]>;

/** Somebody's seat in the room of a case; the page behind it may be connected to any process. */
export interface Seat {
  readonly id: string;
  /** Takes what the page says; what names a slide that is not of the case is dropped. */
  take(message: FromPage): void;
  leave(): void;
}

interface Local {
  readonly room: string;
  member: Member;
  slides: ReadonlySet<string>;
  readonly send: (frame: readonly ToPage[]) => void;
}

interface Remote {
  readonly room: string;
  readonly member: Member;
  readonly seenAt: number;
}

/**
 * The rooms in which people look at a case together, one for each case, across all processes.
 *
 * Each process keeps its own pages, and what the others say of theirs. Everything is gathered for 66 ms and told in one
 * frame or notice, views and pointers only as they are last: however many look, a process sends about 15 notices a
 * second.
 */
export class LiveRooms {
  readonly #locals = new Map<string, Local>();
  readonly #remotes = new Map<string, Remote>();
  readonly #line: RelayLine;
  readonly #slidesOf: SlidesOf;
  readonly #timer: NodeJS.Timeout;
  readonly #offs: readonly (() => void)[];
  /** What the pages of this process are told next. */
  readonly #pending = new Map<string, Relay>();
  /** Rooms in which something changed about who is there. */
  readonly #changed = new Set<string>();
  #flushTimer: NodeJS.Timeout | undefined;
  #flushedAt = -Infinity;

  constructor(notices: Pick<Notices, 'tell' | 'on'>, slidesOf: SlidesOf) {
    this.#slidesOf = slidesOf;
    this.#line = new RelayLine(notices, {
      heard: (relay) => this.#hear(relay),
      missed: () => this.#sayAgain(true),
    });
    this.#offs = [notices.on('case', (caseId) => void this.#lookAtSlides(caseId)), () => this.#line.close()];
    this.#timer = setInterval(() => this.#sayAgain(false), againMs);
    this.#timer.unref();
  }

  /** Who looks at a case together now, those who came first first. */
  people(room: string): readonly Member[] {
    const all = [...this.#locals.values(), ...this.#remotes.values()];
    return all
      .filter((one) => one.room === room)
      .map(({ member }) => member)
      .sort((a, b) => a.since - b.since || a.id.localeCompare(b.id));
  }

  /**
   * Takes a seat.
   *
   * @param send sends a frame to the page
   * @throws {ServiceError} `busy` when the room is full
   */
  async join(room: string, name: string, send: Local['send']): Promise<Seat> {
    const slides = await this.#slidesOf(room);
    const people = this.people(room);
    if (people.length >= maxPeople)
      throw new ServiceError('busy', `${maxPeople} people look at this case already; wait until one leaves`);
    const id = newId();
    const taken = new Set(people.map(({ colour }) => colour));
    const colour = Array.from({ length: maxPeople }, (_, i) => i).find((i) => !taken.has(i)) ?? 0;
    const member: Member = { id, name: name.slice(0, 200), colour, since: Date.now() };
    const local: Local = { room, member, slides: new Set(slides.map((one) => one.id)), send };
    this.#locals.set(id, local);
    send([{ kind: 'slides', slides }]);
    this.#tell(`${room} who`, { what: 'who', room });
    this.#changeMember(local, {});
    return { id, take: (message) => this.#take(local, message), leave: () => this.#leave(local) };
  }

  #take(local: Local, message: FromPage): void {
    const { room, member, slides } = local;
    if (!this.#locals.has(member.id)) return;
    if ('slideId' in message && !slides.has(message.slideId)) return;
    if (message.kind === 'follow') return this.#changeMember(local, { follows: message.whom ?? undefined });
    if (message.kind === 'view' && member.slideId !== message.slideId)
      this.#changeMember(local, { slideId: message.slideId });
    const topic = message.kind === 'no-pointer' ? 'pointer' : message.kind;
    this.#tell(`${member.id} ${topic}`, { what: 'said', room, from: member.id, say: message });
  }

  #leave({ room, member }: Local): void {
    if (!this.#locals.delete(member.id)) return;
    this.#changed.add(room);
    this.#tell(`${member.id} here`, { what: 'gone', room, from: member.id });
  }

  #changeMember(local: Local, change: { slideId?: string | undefined; follows?: string | undefined }): void {
    const { id, name, colour, since, slideId, follows } = { ...local.member, ...change };
    local.member = {
      id,
      name,
      colour,
      since,
      ...(slideId !== undefined && { slideId }),
      ...(follows !== undefined && { follows }),
    };
    this.#changed.add(local.room);
    this.#tell(`${id} here`, { what: 'here', room: local.room, member: local.member });
  }

  /** Tells the other pages here with the next frame, and the other processes. */
  #tell(key: string, relay: Relay): void {
    this.#pending.delete(key);
    this.#pending.set(key, relay);
    this.#line.add(key, relay);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushTimer !== undefined) return;
    const waitMs = Math.max(0, this.#flushedAt + frameMs - performance.now());
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      this.#flushedAt = performance.now();
      this.#flush();
    }, waitMs);
  }

  #flush(): void {
    const said = [...this.#pending.values()].filter((relay) => relay.what === 'said');
    const changed = new Set(this.#changed);
    this.#pending.clear();
    this.#changed.clear();
    for (const { room, member, send } of this.#locals.values()) {
      const frame: ToPage[] = changed.has(room)
        ? [{ kind: 'room', self: member.id, people: this.people(room) }]
        : [];
      for (const { room: where, from, say } of said)
        if (where === room && from !== member.id) frame.push({ ...say, from });
      if (frame.length > 0) send(frame);
    }
    void this.#line.tell();
  }

  #hear(relay: Relay): void {
    const { room } = relay;
    const isOurs = [...this.#locals.values()].some((local) => local.room === room);
    if (relay.what === 'who') {
      for (const local of this.#locals.values()) if (local.room === room) this.#sayHere(local);
    } else if (relay.what === 'here') {
      const { member } = relay;
      const known = this.#remotes.get(member.id);
      this.#remotes.set(member.id, { room, member, seenAt: performance.now() });
      if (JSON.stringify(known?.member) !== JSON.stringify(member)) this.#changed.add(room);
    } else if (relay.what === 'gone') {
      if (this.#remotes.delete(relay.from)) this.#changed.add(room);
    } else if (this.#remotes.has(relay.from)) {
      const topic = relay.say.kind === 'no-pointer' ? 'pointer' : relay.say.kind;
      this.#pending.set(`${relay.from} ${topic}`, relay);
    }
    if (isOurs) this.#flushSoon();
    else this.#changed.delete(room);
  }

  /** Says who is here, so that a process that was just started, or missed something, knows; forgets who is silent. */
  #sayAgain(asks: boolean): void {
    const rooms = new Set<string>();
    for (const local of this.#locals.values()) {
      this.#sayHere(local);
      rooms.add(local.room);
    }
    if (asks) for (const room of rooms) this.#line.add(`${room} who`, { what: 'who', room });
    for (const [id, { room, seenAt }] of this.#remotes) {
      if (performance.now() - seenAt < silentMs) continue;
      this.#remotes.delete(id);
      if (rooms.has(room)) this.#changed.add(room);
    }
    if (rooms.size > 0) this.#flushSoon();
  }

  #sayHere({ room, member }: Local): void {
    this.#line.add(`${member.id} here`, { what: 'here', room, member });
  }

  /** The slides of a case may be others now. */
  async #lookAtSlides(caseId: string | undefined): Promise<void> {
    const those = [...this.#locals.values()].filter(({ room }) => caseId === undefined || room === caseId);
    for (const room of new Set(those.map((local) => local.room))) {
      const slides = await this.#slidesOf(room).catch(() => undefined); // the next notice tries again
      if (slides === undefined) continue;
      for (const local of those.filter((one) => one.room === room)) {
        local.slides = new Set(slides.map(({ id }) => id));
        local.send([{ kind: 'slides', slides }]);
      }
    }
  }

  /** Ends the rooms of this process; whoever sits there is sent away before. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#flushTimer);
    for (const off of this.#offs) off();
  }
}
