import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');

/** Version of this release, e.g. `0.1.0`. */
export const release: string = /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
