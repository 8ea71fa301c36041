import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Accounts } from '../auth/accounts.ts';
import { isPassword } from '../auth/passwords.ts';
import { openDatabase } from '../db/database.ts';
import { quiet, startTestPostgres } from '../db/test-database.ts';

const postgres = await startTestPostgres();
const url = await postgres.newUrl();
const database = await openDatabase({ url, dataFolder: '', log: quiet });
const accounts = new Accounts(database);
const folder = await mkdtemp(join(tmpdir(), 'telepath-user-'));
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));

/** Runs `telepath user …` as a person does. */
async function user(args: readonly string[], input = '') {
  const env = { ...process.env, TELEPATH_DATA: folder, DATABASE_URL: url, LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [cli, 'user', ...args], { env });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code };
}

const eva = ['eva@lab.example', '--name', 'Eva Lind', '--role', 'pathologist', '--role', 'administrator'];

const setEva = async (password: string) => await user(['password', 'eva@lab.example', '--stdin'], password);

describe('telepath user', () => {
  it('adds an account and says its password once; there is one for each e-mail', async () => {
    const added = await user(['add', ...eva]);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const [, password = ''] = /password (\S+)/.exec(added.stdout) ?? [];
    const kept = await accounts.credentials('eva@lab.example');
    expect(kept?.account).toMatchObject({
      name: 'Eva Lind',
      roles: ['pathologist', 'administrator'],
      isOneTime: true,
    });
    expect(await isPassword(password, kept?.password)).toBe(true);
    expect(await user(['add', ...eva])).toMatchObject({ code: 1, stderr: expect.stringMatching(/already/) });
  });

  it('takes a password that is piped in, if it is a good one', async () => {
    expect(await setEva('short\n')).toMatchObject({ code: 2, stderr: expect.stringMatching(/12 to 256/) });
    expect((await setEva('three unrelated words\n')).code).toBe(0);
    const kept = await accounts.credentials('eva@lab.example');
    expect(await isPassword('three unrelated words', kept?.password)).toBe(true);
    expect(kept?.account.isOneTime).toBe(false);
  });

  it('disables, but leaves an administrator; lists all', async () => {
    expect((await user(['add', 'lab@lab.example', '--name', 'Lab', '--role', 'lab'])).code).toBe(0);
    expect((await user(['disable', 'LAB@lab.example'])).code).toBe(0);
    expect(await user(['disable', 'eva@lab.example'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/last administrator/),
    });
    const listed = (await user(['list'])).stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(listed).toEqual([
      ['e-mail', 'name', 'roles', 'organisation'],
      ['eva@lab.example', 'Eva Lind', 'pathologist administrator', 'My laboratory'],
      ['lab@lab.example', 'Lab', 'lab', 'My laboratory', 'disabled, one-time password'],
      [''],
    ]);
  });

  it.each([
    [['add', 'x@lab.example', '--name', 'X', '--role', 'king'], 2, /king.*pathologist/],
    [['add', 'x@lab.example', '--role', 'lab'], 2, /--name/],
    [['add', 'x', '--name', 'X', '--role', 'lab'], 2, /no e-mail/],
    [
      ['add', 'x@lab.example', '--name', 'X', '--role', 'lab', '--organisation', 'No'],
      1,
      /there is: My laboratory/,
    ],
    [['disable', 'nobody@lab.example'], 1, /user list/],
    [['toString'], 2, /user add/],
    [[], 2, /user add/],
  ])('refuses %j and says why', async (args, code, reason) => {
    const { stderr, ...rest } = await user(args);
    expect(rest).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(reason);
  });

  it('is written down as done on the machine', async () => {
    const rows = await database.run((db) => db.selectFrom('audit').selectAll().orderBy('seq').execute());
    expect(rows.map(({ actor_kind: who, action, outcome }) => `${who} ${action} ${outcome}`)).toContain(
      'cli people.add done',
    );
    expect(JSON.stringify(rows)).not.toMatch(/Eva|lab\.example|unrelated/);
  });
});
