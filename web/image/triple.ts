/** Three numbers: red, green and blue, or what else stands for a colour. */
export type Triple = readonly [number, number, number];

/** Something for each of three channels. */
export function perChannel<T>(make: (channel: 0 | 1 | 2) => T): [T, T, T] {
  return [make(0), make(1), make(2)];
}

/** Each of three numbers, changed. */
export function changed(values: Triple, change: (value: number, channel: 0 | 1 | 2) => number): Triple {
  return perChannel((channel) => change(values[channel], channel));
}
