import { sessionCookie } from '../src/auth/request-proof.ts';
import { measureCommand } from './command.ts';
import { cliPath, type Entry } from './service.ts';

const email = 'bench@localhost';
const password = 'nine green microscopes';
const roles = ['lab', 'pathologist', 'administrator', 'operator'];

/**
 * Makes an account as an operator does (`telepath user add`), signs in as a person does, and takes a password of one's
 * own.
 *
 * @param url a service that runs
 * @param env its environment
 * @returns the session's cookie, as all processes on that database take it
 * @throws when any step was refused
 */
export async function signInAnew(url: string, env: Readonly<Record<string, string>>): Promise<Entry> {
  const { output } = await measureCommand(
    process.execPath,
    [cliPath, 'user', 'add', email, '--name', 'Benchmark', ...roles.flatMap((role) => ['--role', role])],
    env,
  );
  const oneTime = /with the password (\S+)/.exec(output)?.[1];
  if (oneTime === undefined) throw new Error(`telepath user add said no password: ${output}`);
  const signedIn = await ask(`${url}/session`, 'POST', { email, password: oneTime });
  const cookie = signedIn.headers
    .getSetCookie()
    .find((one) => one.startsWith(`${sessionCookie}=`))
    ?.split(';')[0];
  if (cookie === undefined) throw new Error('signing in gave no session');
  await ask(`${url}/account/password`, 'PUT', { current: oneTime, new: password }, { Cookie: cookie });
  return { Cookie: cookie };
}

/** A session's cookie as a browser keeps it. */
export function browserCookie({ Cookie = '' }: Entry, url: string) {
  const at = Cookie.indexOf('=');
  return { name: Cookie.slice(0, at), value: Cookie.slice(at + 1), url };
}

async function ask(url: string, method: string, body: unknown, headers: Entry = {}): Promise<Response> {
  const { origin } = new URL(url);
  const all = { 'Content-Type': 'application/json', Origin: origin, ...headers };
  const answer = await fetch(url, { method, headers: all, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}
