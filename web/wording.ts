/** Bytes as people say them, e.g. `1.9 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Width and height in pixels, e.g. `46 000 × 32 914 px`, with narrow spaces that do not break. */
export function sizeText(size: { readonly width: number; readonly height: number }): string {
  return `${grouped(size.width)} × ${grouped(size.height)} px`;
}

/** Width and height of what was scanned, e.g. `11.5 × 8.2 mm`. */
export function areaText(
  size: { readonly width: number; readonly height: number },
  mpp: { readonly x: number; readonly y: number },
): string {
  return `${millimetres(size.width * mpp.x)} × ${millimetres(size.height * mpp.y)} mm`;
}

/** A time span, e.g. `40 s`, `3 min`, `1 h 20 min`. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** When something happened, in the reader's own way of writing dates. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Counts in groups of three. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** First letters of the first and the last word of a name. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => /^\p{L}/u.test(word) && !/^(dr|prof)\.?$/i.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => word?.slice(0, 1) ?? '',
  );
  return letters.join('').toUpperCase() || '•';
}

function millimetres(microns: number): string {
  const value = microns / 1000;
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}
