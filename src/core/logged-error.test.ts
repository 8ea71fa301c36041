import { describe, expect, it } from 'vitest';
import { ServiceError } from './errors.ts';
import { loggedError } from './logged-error.ts';

const secret = 'Doe Jane.svs';

describe('loggedError', () => {
  it.each([
    [
      'an expected failure',
      new ServiceError('damaged', `${secret}: level 0 is cut off`),
      { kind: 'damaged' },
    ],
    [
      'a failure of the system',
      Object.assign(new Error(`ENOENT: no such file, open '/slides/${secret}'`), { code: 'ENOENT' }),
      { code: 'ENOENT' },
    ],
    ['JSON that is none', syntaxError(), { type: 'SyntaxError' }],
    [
      'PostgreSQL’s',
      Object.assign(new Error('duplicate key'), { code: '23505', detail: `Key (name)=(${secret})` }),
      { code: '23505' },
    ],
    ['something else that is thrown', secret, { type: 'string' }],
  ])('keeps no name of %s', (_, error, expected) => {
    const logged = loggedError(error);
    expect(logged).toMatchObject(expected);
    expect(JSON.stringify(logged)).not.toContain('Doe');
  });

  it('says what a bug is and where, and what was behind it', () => {
    const cause = new ServiceError('unavailable', secret);
    const logged = loggedError(new TypeError('x is not a function', { cause }));
    expect(logged).toMatchObject({
      type: 'TypeError',
      message: 'x is not a function',
      cause: { kind: 'unavailable' },
    });
    expect(logged.stack?.[0]).toContain('logged-error.test.ts');
    expect(JSON.stringify(logged)).not.toContain('Doe');
  });

  it('takes no line of a message for a place', () => {
    const error = new ServiceError('damaged', `two lines:\n    at ${secret}`);
    expect(JSON.stringify(loggedError(error))).not.toContain('Doe');
  });
});

function syntaxError(): unknown {
  try {
    return JSON.parse(`{"name": ${secret}`);
  } catch (error) {
    return error;
  }
}
