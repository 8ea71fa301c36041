import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { environment } from './environment.ts';

describe('readConfig', () => {
  it('has defaults for everything', () => {
    const config = readConfig({});
    expect(config.host).toBe('127.0.0.1');
    expect(config.port).toBe(8080);
    expect(config.store).toEqual({ kind: 'folder', root: `${config.dataFolder}/objects` });
    expect(config.cacheBytes).toBe(256 * 1024 * 1024);
  });

  it('takes a set but empty variable as not set', () => {
    expect(readConfig({ PORT: '' }).port).toBe(8080);
  });

  it.each([
    ['s3://slides', 'slides', ''],
    ['s3://slides/lab/one/', 'slides', 'lab/one'],
  ])('reads %s', (text, bucket, prefix) => {
    expect(readConfig({ TELEPATH_STORE: text }).store).toMatchObject({ kind: 's3', bucket, prefix });
  });

  it.each([
    [{ PORT: '0x10' }, /PORT/],
    [{ PORT: '70000' }, /PORT.*65535/],
    [{ TELEPATH_RENDER_THREADS: '0' }, /TELEPATH_RENDER_THREADS/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
    [{ TELEPATH_STORE: 'ftp://x' }, /ftp/],
  ])('refuses %j and names it', (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
  });
});

describe("the README's table of configuration", () => {
  it('names each variable with its default and meaning', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const table = /<!-- config -->([\s\S]*)<!-- \/config -->/.exec(readme)?.[1] ?? '';
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    const listed = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    const wanted = Object.entries(environment.shape).map(([name, schema]) => {
      const parsed = schema.safeParse(undefined);
      const fallback = parsed.success && parsed.data !== undefined ? `\`${String(parsed.data)}\`` : '';
      return ['', `\`${name}\``, fallback, schema.description ?? '', ''];
    });
    expect(listed).toEqual(wanted);
  });
});
