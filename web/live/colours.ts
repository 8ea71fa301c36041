const palette = [
  '#0b7285',
  '#a61e4d',
  '#5f3dc4',
  '#2b8a3e',
  '#b23c0a',
  '#1864ab',
  '#6a4c00',
  '#862e9c',
] as const;

/** The colour of somebody's pointer and initials; white is read on each. @param place their place among colours */
export function colourOf(place: number): string {
  return palette[place % palette.length] ?? palette[0];
}
