/** Where labels may stand. */
interface LabelSpace {
  readonly least: number;
  readonly most: number;
  /** From one to the next, at least. */
  readonly apart: number;
}

/**
 * Places for labels, each as near to the one it wants as its neighbours let it; in the order given.
 *
 * @param wanted any order; same unit as the space
 */
export function labelPlaces(wanted: readonly number[], { least, most, apart }: LabelSpace): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const places = [...wanted];
  let floor = least;
  for (const i of order) {
    places[i] = Math.max(floor, places[i] ?? 0);
    floor = (places[i] ?? 0) + apart;
  }
  let ceiling = most;
  for (const i of order.toReversed()) {
    places[i] = Math.min(ceiling, places[i] ?? 0);
    ceiling = (places[i] ?? 0) - apart;
  }
  return places;
}
