import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Running } from './end-to-end.ts';

/** A file that is sent again and again, and what a viewer must get of it. */
export interface Specimen {
  readonly bytes: Buffer<ArrayBuffer>;
  /** Path below the slide, of a picture that is there as soon as the slide is viewable. */
  readonly picture: string;
  /** SHA-256 of it; undefined where it is made by a conversion, which is known only afterwards. */
  hash?: string;
}

/** What was promised while processes were killed, and how it was kept. */
export interface Promises {
  /** Slides of which the service said that it has them. */
  readonly promised: Map<string, Specimen>;
  /** Promises that were broken, for a person. */
  readonly broken: string[];
  /** Pictures that were looked at. */
  looks: number;
}

/** Something small and random in a row of given length, for each seed another. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Between two files of a sender, so that preparing them keeps up, ms. */
const pauseMs = 600;

/** A sender: sends a specimen resumably, and again, until it is told to end. */
export async function sendAgainAndAgain(
  running: Running,
  specimens: readonly Specimen[],
  record: Promises,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const specimen = specimens[n % specimens.length];
    if (specimen === undefined) return;
    // Different bytes each time: the same file would be known by its hash.
    const id = await sendOnce(running, { ...specimen, bytes: marked(specimen.bytes) }, record, signal);
    if (id !== undefined) record.promised.set(id, specimen);
    await sleep(pauseMs);
  }
}

let marks = 0;

/** The same slide with other bytes at its end, where no reader looks. */
function marked(bytes: Buffer): Buffer<ArrayBuffer> {
  marks += 1;
  return Buffer.concat([bytes, Buffer.from(`mark ${marks} ${process.pid}`)]);
}

/** @returns the slide's id once every byte of it was acknowledged; undefined when it was not begun */
async function sendOnce(
  running: Running,
  { bytes }: Specimen,
  { broken }: Promises,
  signal: AbortSignal,
): Promise<string | undefined> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const body = JSON.stringify({ name: 'killed.svs', size: bytes.length, sha256 });
  const begun = await tryAsk(running, '/uploads', { method: 'POST', body });
  if (begun?.status !== 200) return undefined;
  const { slideId, spans } = (await begun.json()) as { slideId: string; spans: [{ url: string }] };
  const path = new URL(spans[0].url, 'http://localhost').pathname;
  let acknowledged = 0;
  for (let tries = 0; acknowledged < bytes.length; tries++) {
    if (tries > 0) {
      await sleep(50);
      const head = await tryAsk(running, path, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
      if (head === undefined || head.status >= 500) continue;
      if (head.status !== 200) return void broken.push(`${slideId}: the upload is ${head.status}`);
      const kept = Number(head.headers.get('Upload-Offset'));
      if (kept < acknowledged)
        return void broken.push(`${slideId}: ${acknowledged} bytes acknowledged, ${kept} kept`);
      acknowledged = kept;
      if (acknowledged === bytes.length) break;
    }
    const part = bytes.subarray(acknowledged, acknowledged + 400_000);
    const headers = {
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': String(acknowledged),
      'Content-Type': 'application/offset+octet-stream',
    };
    const sent = await tryAsk(running, path, { method: 'PATCH', headers, body: part });
    if (sent?.status === 204) acknowledged = Number(sent.headers.get('Upload-Offset'));
    if (signal.aborted && tries > 400) return void broken.push(`${slideId}: could not be sent to its end`);
  }
  return slideId;
}

/** A viewer: looks at whatever the list says can be viewed, until it is told to end. */
export async function lookAgainAndAgain(
  running: Running,
  record: Promises,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const list = await tryAsk(running, '/slides');
    const { slides } = (list?.status === 200 ? await list.json() : { slides: [] }) as {
      slides: { id: string; state: { kind: string; reason?: string } }[];
    };
    for (const { id, state } of slides) {
      if (state.kind === 'failed') record.broken.push(`${id}: ${state.reason}`);
      const specimen = record.promised.get(id);
      const isViewable = state.kind === 'viewable' || state.kind === 'complete';
      if (specimen !== undefined && isViewable) await look(running, id, specimen, record);
    }
    await sleep(200);
  }
}

/** Looks at one picture: it is whole and right, or the service is away. */
export async function look(
  running: Running,
  id: string,
  specimen: Specimen,
  record: Promises,
): Promise<void> {
  const answer = await tryAsk(running, `/slides/${id}${specimen.picture}`);
  if (answer === undefined || answer.status >= 500) return;
  const body = await answer.arrayBuffer().catch(() => undefined); // cut off by a kill
  if (body === undefined) return;
  const hash = createHash('sha256').update(new Uint8Array(body)).digest('hex');
  specimen.hash ??= hash;
  record.looks += 1;
  if (answer.status !== 200) record.broken.push(`${id}: listed as viewable, its picture is ${answer.status}`);
  else if (hash !== specimen.hash) record.broken.push(`${id}: its picture is another`);
}

/** An answer, or undefined where there was none. */
async function tryAsk(running: Running, path: string, init: RequestInit = {}): Promise<Response | undefined> {
  try {
    return await ask(running, 0, path, { ...init, signal: AbortSignal.timeout(10_000) });
  } catch {
    return undefined; // killed
  }
}
