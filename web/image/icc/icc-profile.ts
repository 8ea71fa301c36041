import { IccBytes, IccError } from './icc-bytes.ts';

/** A scanner's colour profile: which colour its red, green and blue stand for. */
export interface IccProfile {
  /** How colours are told: as CIE XYZ or Lab, relative to the white of the medium under D50. */
  readonly space: 'XYZ' | 'Lab';
  /** A tag's bytes, its type first; undefined when the profile has none of that name. */
  tag(name: string): IccBytes | undefined;
}

/** More than any profile has; each is looked at. */
const mostTags = 256;

/** What a profile may be made for: scanners, displays, printers, colour spaces. */
const classes = ['scnr', 'mntr', 'prtr', 'spac'];

/**
 * Reads a profile's header and the table of its tags.
 *
 * @throws {IccError} when it is cut off, contradicts itself, or is for another thing than RGB pictures
 * @see ICC.1:2022, 7.2 and 7.3
 */
export function parseProfile(file: ArrayBuffer): IccProfile {
  const whole = new IccBytes(file);
  if (whole.length < 132 || whole.signature(36) !== 'acsp') throw new IccError('it is no ICC profile');
  const bytes = whole.part(0, whole.u32(0));
  const [kind, colours, space] = [bytes.signature(12), bytes.signature(16), bytes.signature(20).trimEnd()];
  if (!classes.includes(kind)) throw new IccError(`it is for something else (${kind}) than pictures`);
  if (colours !== 'RGB ') throw new IccError(`it is for ${colours.trimEnd()}, not for RGB`);
  if (space !== 'XYZ' && space !== 'Lab') throw new IccError(`it tells colours as ${space}`);
  const tags = tagsOf(bytes);
  return { space, tag: (name) => tags.get(name) };
}

function tagsOf(bytes: IccBytes): ReadonlyMap<string, IccBytes> {
  const count = bytes.u32(128);
  if (count > mostTags) throw new IccError(`it has ${count} tags, more than ${mostTags}`);
  const tags = new Map<string, IccBytes>();
  for (let i = 0; i < count; i++) {
    const at = 132 + 12 * i;
    tags.set(bytes.signature(at), bytes.part(bytes.u32(at + 4), bytes.u32(at + 8)));
  }
  return tags;
}
