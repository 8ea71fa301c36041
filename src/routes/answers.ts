import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Tile } from '../tiles/tile-cache.ts';
import { immutable, sendTile } from './send-tile.ts';

/** How an answer is documented. */
export interface AnswerNotes {
  readonly status: 200 | 201 | 204 | 303;
  readonly description: string;
  /** With parameters (`; version=…`) where they are sent; empty where there is no body. */
  readonly mediaType: string;
  /** Its Cache-Control. */
  readonly cache: string;
  /** Of JSON only. */
  readonly schema?: z.ZodType;
  /** An answer as it may be; JSON or text. */
  readonly example?: unknown;
  /** Further headers, by name: what each says. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it has an entity tag and answers 304 to who has it already. */
  readonly isTagged?: boolean;
}

/** What a route answers when all is well: how it is documented, and how it is sent. */
export interface Answer<T> extends AnswerNotes {
  send(req: Request, res: Response, value: T): void;
}

/** A JSON document of a schema, which the compiler holds the route to. */
export function json<S extends z.ZodType>(
  schema: S,
  notes: Pick<AnswerNotes, 'description' | 'cache'> & { readonly example: z.output<S> },
): Answer<z.output<S>> {
  return {
    ...notes,
    status: 200,
    mediaType: 'application/json',
    schema,
    send: (_req, res, value) => void res.set('Cache-Control', notes.cache).json(value),
  };
}

/** JSON about something new that has no address of its own: 201. */
export function made<S extends z.ZodType>(
  schema: S,
  notes: { readonly description: string; readonly example: z.output<S> },
): Answer<z.output<S>> {
  return {
    ...json(schema, { ...notes, cache: 'no-store' }),
    status: 201,
    send: (_req, res, value) => void res.status(201).set('Cache-Control', 'no-store').json(value),
  };
}

/** JSON about something new: 201, and where it is. */
export function created<S extends z.ZodType>(
  schema: S,
  notes: { readonly description: string; readonly example: z.output<S> },
  locate: (value: z.output<S>) => string,
): Answer<z.output<S>> {
  return {
    ...json(schema, { ...notes, cache: 'no-store' }),
    status: 201,
    headers: { Location: 'Where it is described.' },
    send: (_req, res, value) =>
      void res.status(201).set('Cache-Control', 'no-store').location(locate(value)).json(value),
  };
}

/** That something is done, about which there is nothing to say. */
export function done(description: string, headers: Readonly<Record<string, string>> = {}): Answer<void> {
  const notes = { description, headers, mediaType: '', cache: 'no-store' } as const;
  return {
    ...notes,
    status: 204,
    send: (_req, res) => void res.status(204).set('Cache-Control', notes.cache).end(),
  };
}

/** An answer that a library has sent already; only its documentation is ours. */
export function answered(
  status: AnswerNotes['status'],
  description: string,
  headers: Readonly<Record<string, string>>,
): Answer<void> {
  return { status, description, headers, mediaType: '', cache: 'no-store', send: () => {} };
}

/** An address where a browser is to go on; the value is that address. */
export function redirect(description: string): Answer<string> {
  const notes = { description, mediaType: '', cache: 'no-store' } as const;
  return {
    ...notes,
    status: 303,
    headers: { Location: 'Where to go on.' },
    send: (_req, res, address) =>
      void res.status(303).set('Cache-Control', notes.cache).location(address).end(),
  };
}

/** A picture that never changes. */
export function jpeg(description: string): Answer<Tile> {
  return {
    status: 200,
    description,
    mediaType: 'image/jpeg',
    cache: immutable,
    isTagged: true,
    send: sendTile,
  };
}

/** A document or file of another kind. */
export function content(
  mediaType: string,
  notes: Pick<AnswerNotes, 'description' | 'cache'> & { readonly example?: string },
): Answer<string | Buffer> {
  return {
    ...notes,
    status: 200,
    mediaType,
    send: (_req, res, value) => void res.set('Cache-Control', notes.cache).type(mediaType).send(value),
  };
}

/** A file that is made while it is sent; when that fails, the connection is cut, so that nobody takes a part for all. */
export function streamed(
  mediaType: string,
  notes: Pick<AnswerNotes, 'description' | 'cache'> & { readonly fileName: string },
): Answer<AsyncIterable<string>> {
  const { description, cache, fileName } = notes;
  return {
    description,
    cache,
    status: 200,
    mediaType,
    headers: { 'Content-Disposition': 'Name of the file.' },
    send: (_req, res, parts) => {
      res.set('Cache-Control', cache).attachment(fileName).type(mediaType);
      // Whoever asked sees the connection cut.
      void pipeline(Readable.from(parts), res).catch(() => res.destroy());
    },
  };
}

/** A file of a kind that is known only when it is asked for: shown by a browser, but nothing in it runs. */
export function fileOf(
  description: string,
): Answer<{ readonly bytes: Buffer; readonly mediaType: string; readonly name: string }> {
  const notes = { description, mediaType: '*/*', cache: 'private, no-cache' } as const;
  return {
    ...notes,
    status: 200,
    headers: {
      'Content-Disposition': 'Name of the file.',
      'Content-Security-Policy': 'That nothing in it runs.',
    },
    send: (_req, res, { bytes, mediaType, name }) => {
      res.set('Cache-Control', notes.cache);
      res.set('Content-Security-Policy', "sandbox; default-src 'none'");
      res.set('Content-Disposition', `inline; filename*=UTF-8''${encodeURIComponent(name)}`);
      res.type(mediaType).send(bytes);
    },
  };
}

/** A file in the store, to be kept by whoever asks for it. */
export interface KeptFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Called once, when the answer is to be sent. */
  readonly open: () => Promise<Readable>;
}

/** A file from the store, of a kind known only when it is asked for; when it breaks off, so does the connection. */
export function attached(description: string): Answer<KeptFile> {
  const notes = { description, mediaType: '*/*', cache: 'no-store' } as const;
  return {
    ...notes,
    status: 200,
    headers: { 'Content-Disposition': 'Name of the file.', 'Content-Length': 'Its size, bytes.' },
    send: (_req, res, { name, mediaType, bytes, open }) => {
      res.set('Cache-Control', notes.cache).attachment(name).type(mediaType);
      res.set('Content-Length', String(bytes));
      const send = async () => await pipeline(await open(), res);
      // Whoever asked sees the connection cut.
      void send().catch(() => res.destroy());
    },
  };
}
