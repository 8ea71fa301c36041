import { ServiceError } from '../core/errors.ts';

/** A piece of an XML document, in its order. Positions count characters; for Latin-1 text that is bytes. */
export type XmlToken =
  /** An empty element (`<a/>`) gives `open`, then `close`. Attribute values stand as written, entities included. */
  | { readonly kind: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly start: number; readonly end: number };

const limits = { depth: 64, attributes: 256, tokens: 200_000, nameLength: 256 } as const;

/**
 * Walks the elements, attributes and texts of an XML document, in one pass and without recursion: enough for the
 * metadata of slides. Names keep their prefixes; comments, instructions and CDATA are skipped.
 *
 * @param name for messages
 * @throws {ServiceError} `damaged` when the text is not well formed, nests over 64 deep, or declares a document
 *   type: nothing a scanner writes needs one, and entities are how XML is made to explode or to read files
 */
export function* xmlTokens(text: string, name: string): Generator<XmlToken> {
  const open: string[] = [];
  let count = 0;
  for (let at = 0; at < text.length;) {
    count += 1;
    if (count > limits.tokens) throw damaged(name, `more than ${limits.tokens} pieces`);
    const lt = text.indexOf('<', at);
    const end = lt < 0 ? text.length : lt;
    if (end > at) yield { kind: 'text', start: at, end };
    if (lt < 0) break;
    const skipped = skip(text, lt, name);
    if (skipped !== undefined) {
      at = skipped;
      continue;
    }
    const tag = text[lt + 1] === '/' ? closeTag(text, lt, name) : openTag(text, lt, name);
    at = tag.next;
    if (tag.token.kind === 'close') {
      if (open.pop() !== tag.token.name)
        throw damaged(name, `</${tag.token.name}> closes nothing that is open`);
      yield tag.token;
      continue;
    }
    yield tag.token;
    if (tag.isEmpty) yield { kind: 'close', name: tag.token.name };
    else open.push(tag.token.name);
    if (open.length > limits.depth) throw damaged(name, `elements nest over ${limits.depth} deep`);
  }
  if (open.length > 0) throw damaged(name, `<${open.at(-1)}> is never closed`);
}

/** Where a comment, an instruction or CDATA at `lt` ends, at the latest with the text. @returns undefined for a tag */
function skip(text: string, lt: number, name: string): number | undefined {
  for (const [start, end] of [
    ['<?', '?>'],
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
  ] as const) {
    if (!text.startsWith(start, lt)) continue;
    const close = text.indexOf(end, lt + start.length);
    return close < 0 ? text.length : close + end.length;
  }
  if (text[lt + 1] === '!')
    throw damaged(
      name,
      'it declares a document type or entities, which are never read; remove the declaration',
    );
  return undefined;
}

interface Tag {
  readonly token: Exclude<XmlToken, { kind: 'text' }>;
  readonly next: number;
  readonly isEmpty: boolean;
}

function closeTag(text: string, lt: number, name: string): Tag {
  const gt = text.indexOf('>', lt);
  if (gt < 0 || gt - lt > limits.nameLength) throw damaged(name, `no > after byte ${lt}`);
  return { token: { kind: 'close', name: text.slice(lt + 2, gt).trim() }, next: gt + 1, isEmpty: false };
}

function openTag(text: string, lt: number, name: string): Tag {
  let at = endOfName(text, lt + 1, name);
  const token = {
    kind: 'open',
    name: text.slice(lt + 1, at),
    attributes: new Map<string, string>(),
  } as const;
  for (;;) {
    at = afterSpace(text, at);
    if (text[at] === '>') return { token, next: at + 1, isEmpty: false };
    if (text.startsWith('/>', at)) return { token, next: at + 2, isEmpty: true };
    const end = endOfName(text, at, name);
    const equals = afterSpace(text, end);
    const start = afterSpace(text, equals + 1);
    const quote = text[start];
    if (text[equals] !== '=' || (quote !== '"' && quote !== "'"))
      throw damaged(name, `no attribute at byte ${at}`);
    const close = text.indexOf(quote, start + 1);
    if (close < 0) throw damaged(name, `the attribute at byte ${at} never ends`);
    token.attributes.set(text.slice(at, end), text.slice(start + 1, close));
    if (token.attributes.size > limits.attributes)
      throw damaged(name, `over ${limits.attributes} attributes`);
    at = close + 1;
  }
}

const nameEnds = new Set([' ', '\t', '\r', '\n', '/', '>', '=', '<', '"', "'", undefined]);

function endOfName(text: string, from: number, name: string): number {
  let at = from;
  while (!nameEnds.has(text[at]) && at - from <= limits.nameLength) at += 1;
  if (at === from || at - from > limits.nameLength) throw damaged(name, `no name at byte ${from}`);
  return at;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

function damaged(name: string, what: string): ServiceError {
  return new ServiceError('damaged', `${name}: its XML description is damaged: ${what}`);
}

/** The name of a document's outermost element without prefix. @returns undefined when the text is no XML */
export function xmlRoot(text: string, name: string): string | undefined {
  const start = afterSpace(text, text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0);
  if (text[start] !== '<') return undefined;
  for (let at = start; text[at] === '<';) {
    const skipped = skip(text, at, name);
    if (skipped === undefined) return rootName(text, at + 1, name);
    at = afterSpace(text, skipped);
  }
  return undefined;
}

function rootName(text: string, at: number, name: string): string | undefined {
  if (nameEnds.has(text[at])) return undefined;
  return text
    .slice(at, endOfName(text, at, name))
    .split(':')
    .at(-1);
}
