import { describe, expect, it } from 'vitest';
import { cpuMs } from './test-source.ts';
import { xmlRoot, xmlTokens } from './xml.ts';

const walk = (text: string): string[] =>
  [...xmlTokens(text, 'a.tif')].map((token) => {
    if (token.kind === 'text') return `'${text.slice(token.start, token.end)}'`;
    if (token.kind === 'close') return `/${token.name}`;
    return [token.name, ...[...token.attributes].map(([key, value]) => `${key}=${value}`)].join(' ');
  });

const damaged = expect.objectContaining({ name: 'ServiceError', kind: 'damaged' });

describe('xmlTokens', () => {
  it('walks elements, attributes and texts, and skips comments, instructions and CDATA', () => {
    const text = `<?xml version="1.0"?><!-- <no/> --><a x="1" y = 'b>"c'>t<b/><![CDATA[<no>]]></a>`;
    expect(walk(text)).toEqual(['a x=1 y=b>"c', "'t'", 'b', '/b', '/a']);
  });

  it.each([
    ['a document type', '<!DOCTYPE r><a/>'],
    ['entities', '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['an entity inside', '<a><!ENTITY x "y"></a>'],
    ['elements that cross', '<a><b></a></b>'],
    ['an element that is never closed', '<a><b></b>'],
    ['a close tag too many', '<a></a></a>'],
    ['a tag that never ends', '<a x="1"'],
    ['an attribute without quotes', '<a x=1/>'],
    ['an attribute that never ends', '<a x="1/>'],
    ['65 levels', '<a>'.repeat(65) + '</a>'.repeat(65)],
    ['257 attributes', `<a ${Array.from({ length: 257 }, (_, i) => `x${i}="1"`).join(' ')}/>`],
    ['a name of 1,000 letters', `<${'a'.repeat(1000)}/>`],
  ])('refuses %s', (_, text) => {
    expect(() => walk(text)).toThrow(damaged);
  });

  it.each([
    ['of open brackets', '<'],
    ['of half comments', '<!--'],
    ['of attributes', '<a x="'],
    ['of spaces in a tag', '<a    '],
    ['of close tags', '</a '],
    ['of elements', '<a/>'],
  ])('takes 16 MiB %s in under a second', async (_, piece) => {
    const text = piece.repeat(Math.ceil(2 ** 24 / piece.length));
    const walked = (): void => {
      try {
        walk(text);
      } catch (error) {
        expect(error).toEqual(damaged);
      }
    };
    expect(await cpuMs(walked)).toBeLessThan(1000);
  });
});

describe('xmlRoot', () => {
  it.each([
    ['<?xml version="1.0"?>\n<!-- w --><OME xmlns="x">', 'OME'],
    ['<ome:OME>', 'OME'],
    ['\u00ef\u00bb\u00bf<DataObject ObjectType="DPUfsImport">', 'DataObject'],
    ['  <scn/>', 'scn'],
    ['Aperio Image Library', undefined],
    ['< 5 µm', undefined],
    ['<!-- cut sho', undefined],
    ['', undefined],
  ])('of %j is %s', (text, root) => {
    expect(xmlRoot(text, 'a.tif')).toBe(root);
  });
});
