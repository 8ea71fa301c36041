import type { SlideId } from './slide.ts';

/** Key of an object of a slide (`index`, `original/0`, `pyramid.tif`); ids are random, so keys tell nothing. */
export function slideKey(id: SlideId, object: string): string {
  return `slides/${id}/${object}`;
}

/** Object names of a slide, see DESIGN "Keys in object storage". */
export const original = 'original/0';
/** The pyramid this service made. */
export const pyramid = 'pyramid.tif';
/** The tile index. */
export const indexObject = 'index';
/** Checksum of each tile, and what was found to be damaged. */
export const checksumsObject = 'checksums';
/** Which files a slide consists of, where they are several. */
export const filesObject = 'files';
/** Where slides as files wait to be fetched: first segment of their keys. */
export const exportsFolder = 'exports';

/** Key of an export of a slide; without one, what the keys of all its exports start with. */
export function exportKey(slide: SlideId, id = ''): string {
  return `${exportsFolder}/${slide}/${id}`;
}
