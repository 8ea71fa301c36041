import { parseDecimal } from './resolution.ts';
import { type XmlToken, xmlTokens } from './xml.ts';

/** Distance of pixels, mm. */
export interface Spacing {
  readonly x: number;
  readonly y: number;
}

/** What is wanted of the XML in a Philips TIFF. */
export interface PhilipsXml {
  /** Of the scan itself. */
  readonly spacing?: Spacing;
  /** By level number; holes where the XML does not say. */
  readonly levelSpacings: readonly (Spacing | undefined)[];
  /** Where base64 stands in the text, in characters. */
  readonly pictures: readonly {
    readonly name: 'label' | 'macro';
    readonly start: number;
    readonly end: number;
  }[];
}

/** One `DataObject` while it is open. */
interface OpenObject {
  readonly type: string;
  imageType?: string;
  spacing?: Spacing;
  number?: number;
  picture?: { start: number; end: number };
  readonly levels: (Spacing | undefined)[];
}

/** Levels a Philips scanner can write; more are ignored. */
const maxLevels = 32;

/**
 * Reads spacing, levels and pictures from Philips' XML; everything else, names and dates above all, is passed over.
 *
 * @param xml Latin-1, so that positions are bytes
 * @throws {ServiceError} `damaged`
 */
export function readPhilipsXml(xml: string, name: string): PhilipsXml {
  const objects: OpenObject[] = [];
  const found = {
    levelSpacings: [] as (Spacing | undefined)[],
    pictures: [] as PhilipsXml['pictures'][number][],
  };
  let spacing: Spacing | undefined;
  const attributes: string[] = [];
  for (const token of xmlTokens(xml, name)) {
    if (token.kind === 'text') {
      take(objects.at(-1), attributes.at(-1), xml, token);
    } else if (token.name === 'Attribute') {
      if (token.kind === 'open') attributes.push(token.attributes.get('Name') ?? '');
      else attributes.pop();
    } else if (token.name === 'DataObject') {
      if (token.kind === 'open') {
        objects.push({ type: token.attributes.get('ObjectType') ?? '', levels: [] });
        attributes.push('');
        continue;
      }
      attributes.pop();
      const closed = objects.pop();
      if (closed?.type === 'PixelDataRepresentation') addLevel(objects.at(-1), closed);
      if (closed?.type !== 'DPScannedImage') continue;
      if (closed.imageType === 'WSI') {
        spacing ??= closed.spacing ?? closed.levels[0];
        if (found.levelSpacings.length === 0) found.levelSpacings = closed.levels;
      }
      const picture = pictureNames.get(closed.imageType ?? '');
      if (picture !== undefined && closed.picture) found.pictures.push({ name: picture, ...closed.picture });
    }
  }
  return { ...found, ...(spacing && { spacing }) };
}

const pictureNames: ReadonlyMap<string, 'label' | 'macro'> = new Map([
  ['LABELIMAGE', 'label'],
  ['MACROIMAGE', 'macro'],
] as const);

function addLevel(parent: OpenObject | undefined, { number, spacing }: OpenObject): void {
  if (parent === undefined || number === undefined || number >= maxLevels || !spacing) return;
  parent.levels[number] = spacing;
}

/** Keeps the text of an attribute that is wanted. */
function take(
  object: OpenObject | undefined,
  attribute: string | undefined,
  xml: string,
  { start, end }: Extract<XmlToken, { kind: 'text' }>,
): void {
  if (object === undefined) return;
  if (attribute === 'PIM_DP_IMAGE_DATA') object.picture = { start, end };
  if (end - start > 1024) return;
  const text = xml.slice(start, end);
  if (attribute === 'PIM_DP_IMAGE_TYPE') object.imageType = text.trim();
  if (attribute === 'PIIM_PIXEL_DATA_REPRESENTATION_NUMBER') {
    const number = /^\s*(\d{1,4})\s*$/.exec(text)?.[1];
    if (number !== undefined) object.number = Number(number);
  }
  if (attribute === 'DICOM_PIXEL_SPACING') {
    const spacing = parseSpacing(text);
    if (spacing) object.spacing = spacing;
  }
}

/** `"0.000499" "0.000499"`: rows (y) first, as in DICOM. */
function parseSpacing(text: string): Spacing | undefined {
  const [y, x] = text.replaceAll('"', ' ').trim().split(/\s+/, 2).map(parseDecimal);
  return x !== undefined && y !== undefined ? { x, y } : undefined;
}
