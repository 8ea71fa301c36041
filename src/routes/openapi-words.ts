import type { Schema } from './openapi-document.ts';

/** Text as HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A sentence of the document as HTML: what stands between back quotes is code. */
export function prose(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

/** What a schema allows, in a few words of HTML; named schemas are linked. */
export function typeText(schema: Schema): string {
  const { $ref, items, prefixItems, properties } = schema;
  const choices = schema.anyOf ?? schema.oneOf;
  if ($ref !== undefined) {
    const name = escaped($ref.split('/').at(-1) ?? '');
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (choices !== undefined) return choices.map(typeText).join(' or ');
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' or ');
  if (prefixItems !== undefined)
    return `list of ${prefixItems.length}: ${prefixItems.map(typeText).join(', ')}`;
  if (items !== undefined) return `list of ${typeText(items)}`;
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(
      ([key, value]) => `<code>${escaped(key)}</code>: ${typeText(value)}`,
    );
    return `{ ${fields.join('; ')} }`;
  }
  return `${schema.type ?? 'any'}${limits(schema)}`;
}

function literal(value: unknown): string {
  return `<code>${escaped(JSON.stringify(value))}</code>`;
}

/** Largest whole number that JSON carries exactly: a limit not worth telling. */
const noLimit = Number.MAX_SAFE_INTEGER;

function limits(schema: Schema): string {
  const { minimum, maximum = noLimit, exclusiveMinimum, minLength, maxLength, pattern, format } = schema;
  const parts = [
    minimum !== undefined && (maximum === noLimit ? `≥ ${minimum}` : `${minimum}–${maximum}`),
    exclusiveMinimum !== undefined && `> ${exclusiveMinimum}`,
    maxLength !== undefined && `${minLength ?? 0}–${maxLength} characters`,
    format,
    // A date's own pattern says no more than its format.
    format === undefined && pattern !== undefined && `<code>${escaped(pattern)}</code>`,
    schema.default !== undefined && `default ${literal(schema.default)}`,
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? '' : ` ${parts.join(', ')}`;
}
