/** A pattern of `like` that finds a text anywhere, its signs taken as they are. */
export function likeAnywhere(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
