const edgeBytes = 64 * 2 ** 10;

/**
 * What tells one file from another of the same name without reading all of it: its size, and a hash of its first and
 * last 64 KiB. Two scans share neither.
 */
export async function fingerprintOf(file: Blob): Promise<string> {
  const edges = await new Blob([file.slice(0, edgeBytes), file.slice(-edgeBytes)]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', edges));
  return `${file.size}-${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
