/** A scale bar: how long it is drawn and what is written on it. */
export interface ScaleBar {
  readonly widthPx: number;
  readonly label: string;
}

/**
 * The longest bar of a round length (1, 2 or 5 times a power of ten) that is not wider than `maxWidthPx`.
 *
 * @param micronsPerPx µm per CSS px as shown now
 */
export function scaleBarFor(micronsPerPx: number, maxWidthPx: number): ScaleBar {
  const microns = roundLength(micronsPerPx * maxWidthPx);
  return { widthPx: microns / micronsPerPx, label: lengthText(microns) };
}

/** The largest of 1, 2, 5 × 10ⁿ that is not above `limit`. */
export function roundLength(limit: number): number {
  const power = 10 ** Math.floor(Math.log10(limit));
  // A limit that is a round length itself must not fall to the next one by a rounding error.
  const lead = (limit / power) * (1 + 1e-9);
  return (lead >= 10 ? 10 : lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
}

/** A length in the unit a pathologist reads: nm below 1 µm, µm below 1 mm, mm below 10 cm, then cm. */
export function lengthText(microns: number): string {
  if (microns < 1) return `${trimmed(microns * 1000)} nm`;
  if (microns < 1000) return `${trimmed(microns)} µm`;
  if (microns < 100_000) return `${trimmed(microns / 1000)} mm`;
  return `${trimmed(microns / 10_000)} cm`;
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(6)));
}
