import type { SlideProperties } from '../core/slide.ts';

/**
 * The `scan-properties.xml` of an SZI: what a viewer needs for its scale bar and magnifications, and nothing else,
 * because an SZI leaves the house.
 *
 * The maker stands there twice: `VendorName` is the specification's word, `Vendor` is libvips'.
 *
 * @see SZI specification 1.2, 3.4
 */
export function scanPropertiesXml({ vendor, objectivePower, mpp, size }: SlideProperties): string {
  const properties: [string, string | number | undefined][] = [
    ['Vendor', vendor],
    ['VendorName', vendor],
    ['ObjectiveMagnification', objectivePower],
    ['MicronsPerPixel', mpp && (mpp.x + mpp.y) / 2],
    ['MicronsPerPixelX', mpp?.x],
    ['MicronsPerPixelY', mpp?.y],
    ['ImageWidth', size.width],
    ['ImageHeight', size.height],
  ];
  const lines = properties
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `    <property>\n      <name>${name}</name>\n      <value>${escapeXml(String(value))}</value>\n    </property>\n`,
    );
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<image xmlns="http://www.pathozoom.com/szi" version="1.0">\n  <properties>\n' +
    `${lines.join('')}  </properties>\n</image>\n`
  );
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as XML 1.0 may hold it: escaped, and without the characters that XML has no way to write. */
function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- control characters are exactly what must go
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[&<>"']/g, (character) => entities[character] ?? '')
  );
}
