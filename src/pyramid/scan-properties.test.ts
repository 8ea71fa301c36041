import { describe, expect, it } from 'vitest';
import { scanPropertiesXml } from './scan-properties.ts';

const size = { width: 2220, height: 2967 };
const background = [255, 255, 255] as const;

describe('scanPropertiesXml', () => {
  it('names what a scale bar and magnifications need', () => {
    const mpp = { x: 0.5, y: 0.25 };
    const xml = scanPropertiesXml({
      format: 'f',
      vendor: 'Aperio',
      size,
      mpp,
      objectivePower: 20,
      background,
    });
    const found = [...xml.matchAll(/<name>(.*)<\/name>\s*<value>(.*)<\/value>/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(found)).toEqual({
      Vendor: 'Aperio',
      VendorName: 'Aperio',
      ObjectiveMagnification: '20',
      MicronsPerPixel: '0.375',
      MicronsPerPixelX: '0.5',
      MicronsPerPixelY: '0.25',
      ImageWidth: '2220',
      ImageHeight: '2967',
    });
    expect(xml).toContain('<image xmlns="http://www.pathozoom.com/szi" version="1.0">');
  });

  it('leaves out what the slide does not say', () => {
    const xml = scanPropertiesXml({ format: 'f', vendor: 'generic', size, background });
    expect(xml).not.toMatch(/Microns|Objective|undefined|NaN/);
  });

  it('escapes a maker that is markup, and drops what XML cannot hold', () => {
    const xml = scanPropertiesXml({ format: 'f', vendor: `<!A>&"'\u0000\u001b\ud800]]>`, size, background });
    expect(xml).toContain('<value>&lt;!A&gt;&amp;&quot;&apos;\ufffd]]&gt;</value>');
  });
});
