import { createServer, type AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Postman } from '../src/cases/mail/postman.ts';
import { quiet } from '../src/db/test-database.ts';
import { post, startTestLab, statusOf } from './lab.ts';

const publicUrl = 'https://telepath.example';
const letters: ParsedMail[] = [];
/** E-mail addresses that the mail server knows nobody of. */
const unknown = new Set<string>();

async function take(stream: Readable, done: (error?: Error) => void): Promise<void> {
  letters.push(await simpleParser(stream));
  done();
}

/** A real mail server; what it takes is in `letters`. */
async function startMailServer(port = 0): Promise<SMTPServer> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      unknown.has(address) ? done(Object.assign(new Error('no such user'), { responseCode: 550 })) : done(),
    onData: (stream, _session, done) => void take(stream, done),
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return server;
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const server = await startMailServer();
const { port } = server.server.address() as AddressInfo;
const mail = (at = port) => ({
  url: `smtp://127.0.0.1:${at}`,
  from: 'Telepath <telepath@lab.example>',
  publicUrl,
});
const lab = await startTestLab({ mail: mail(), rendersAhead: false });
const { service, database } = lab;
afterAll(async () => await new Promise<void>((resolve) => server.close(resolve)));

// Told by the tests themselves, by their own clock.
await service.postman?.close();
let nowMs = Date.now();
const open: Postman[] = [];
const postmanAt = (at?: number) => {
  const postman = new Postman({ database, log: quiet, mail: mail(at), now: () => nowMs });
  open.push(postman);
  return postman;
};
const postman = postmanAt();
afterAll(async () => await Promise.all(open.map(async (one) => await one.close())));

const secrets = ['Jane Roe', 'P-4711', 'S26-00815', 'N-118', 'melanoma', 'seen on the left'];
const asLab = lab.as('lab');
const asConsultant = lab.as('pathologist', 'other');
const lookLater = async (ms = 0) => {
  nowMs = Math.max(nowMs, Date.now()) + ms;
  await postman.look();
};
const to = (address: string) =>
  letters.filter(({ to: field }) => JSON.stringify(field).includes(address)).map(({ subject }) => subject);

/** A case with a patient in it, and its slide. @returns its id */
async function draft(more: object = {}): Promise<string> {
  const patient = { name: 'Jane Roe', number: 'P-4711' };
  const said = { accession: 'S26-00815', pseudonym: 'N-118', specimen: 'Skin', question: 'A melanoma?' };
  const answer = await asLab('/cases', post({ ...said, patient, ...more }));
  const { id } = (await answer.json()) as { id: string };
  const slides = { slides: [{ id: lab.slides.own, block: 'A1', stain: 'HE' }] };
  await asLab(`/cases/${id}/slides`, { method: 'PUT', body: JSON.stringify(slides) });
  return id;
}

const rights = { showsPatient: false, mayAnswer: true };
const link = { kind: 'link', name: 'Prof. Castro', email: 'castro@consult.example', days: 14, ...rights };
const person = { kind: 'person', email: 'pathologist@other.example', ...rights };
const move = async (id: string, toState: string, ask = asLab) =>
  await statusOf(ask, `/cases/${id}/state`, post({ to: toState }));

beforeEach(() => {
  letters.length = 0;
});

describe('what people are told of cases', () => {
  it('an invitation comes once the case is sent, with a link that works, and nothing of the patient', async () => {
    const id = await draft({ dueOn: '2036-01-31', isUrgent: true });
    expect(
      await statusOf(asLab, `/cases/${id}/grants`, post({ ...link, sendMail: true, passcode: 'otter 12' })),
    ).toBe(201);
    await lookLater();
    expect(letters).toEqual([]);
    expect(await move(id, 'sent')).toBe(200);
    await lookLater();
    await lookLater();
    expect(to('castro@consult.example')).toEqual(['Urgent: second opinion asked: a case at Own laboratory']);
    const [letter] = letters;
    const secret = /https:\/\/telepath\.example\/consult#([A-Za-z0-9_-]{43})/.exec(letter?.text ?? '')?.[1];
    expect(letter?.text).toContain('31 January 2036');
    const entry = { secret, passcode: 'otter 12', name: 'Ines Castro' };
    expect(await statusOf(lab.asNobody, '/guest', post(entry))).toBe(200);
    // Nobody finds the link in the rows.
    const rows = await database.run((db) => db.selectFrom('mail').selectAll().execute());
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('without sendMail the letter has no link in it', async () => {
    const id = await draft();
    await asLab(`/cases/${id}/grants`, post({ ...link, email: 'by.hand@consult.example' }));
    await move(id, 'sent');
    await lookLater();
    expect(to('by.hand@consult.example')).toHaveLength(1);
    expect(letters[0]?.text).not.toContain('/consult#');
  });

  it('the story of a case, each told once to those it concerns, in the page and by e-mail', async () => {
    const id = await draft();
    await asLab(`/cases/${id}/grants`, post(person));
    await move(id, 'sent');
    await lookLater();
    expect(to('pathologist@other.example')).toEqual(['Second opinion asked: a case at Own laboratory']);
    expect(letters[0]?.text).toContain(`${publicUrl}/case/${id}`);
    await move(id, 'in-review', asConsultant);
    for (const text of ['seen on the left', 'and once more'])
      await asConsultant(`/cases/${id}/messages`, post({ text }));
    await lookLater();
    expect(to('lab@own.example')).toEqual([]);
    await lookLater(61_000);
    expect(to('lab@own.example')).toEqual(['New message: a case at Own laboratory']);
    const listed = (await (await asLab('/notifications')).json()) as {
      notifications: { id: number; kind: string; case?: { id: string } }[];
      unread: number;
      sendsMail: boolean;
    };
    const own = listed.notifications.filter((one) => one.case?.id === id);
    expect(own.map(({ kind }) => kind)).toEqual(['message', 'message']);
    expect(listed.sendsMail).toBe(true);
    expect(await statusOf(asLab, '/notifications/read', post({ upTo: own[0]?.id, caseId: id }))).toBe(204);
    const after = (await (await asLab('/notifications')).json()) as { unread: number };
    expect(after.unread).toBe(listed.unread - 2);
    await service.casework?.cases.move(id, { name: 'Prof. Castro' }, { to: 'answered', mover: 'opinion' });
    await move(id, 'sent');
    await move(id, 'draft');
    await lookLater();
    expect(to('lab@own.example')).toContain('Answered: a case at Own laboratory');
    expect(to('pathologist@other.example')).toEqual([
      'Second opinion asked: a case at Own laboratory',
      'Asked again: a case at Own laboratory',
      'Withdrawn: a case at Own laboratory',
    ]);
    const theirs = await (await asConsultant('/notifications')).text();
    expect(theirs).toContain('"withdrawn"');
    expect(theirs).not.toContain('S26-00815');
  });

  it('reminds a day before, on three days after, and tells of a case that nobody opened', async () => {
    const day = (days: number) => new Date(nowMs + days * 86_400_000).toISOString().slice(0, 10);
    const id = await draft({ dueOn: day(3) });
    await asLab(`/cases/${id}/grants`, post({ ...link, email: 'late@consult.example' }));
    await move(id, 'sent');
    const told = [];
    for (let at = 0; at < 9; at += 1) {
      const before = nowMs;
      await lookLater(at === 0 ? 0 : 86_400_000);
      const rows = await database.run((db) =>
        db
          .selectFrom('mail')
          .select('kind')
          .where('case_id', '=', id)
          .where('kind', '<>', 'asked')
          .where('queued_at', '>', new Date(before))
          .orderBy('kind')
          .execute(),
      );
      if (rows.length > 0) told.push(`${at}: ${rows.map(({ kind }) => kind).join(', ')}`);
    }
    nowMs = Date.now();
    expect(told).toEqual([
      '2: due, unopened',
      '4: overdue, overdue',
      '5: overdue, overdue',
      '6: overdue, overdue',
    ]);
    expect(to('late@consult.example')).toContain('Due tomorrow: a case at Own laboratory');
    expect(to('lab@own.example')).toContain('Not opened yet: a case at Own laboratory');
  });

  it('who wants no e-mail of a kind is told in the page only', async () => {
    const body = JSON.stringify({ asked: false });
    expect(await statusOf(asConsultant, '/account/preferences/mail', { method: 'PUT', body })).toBe(204);
    const id = await draft();
    await asLab(`/cases/${id}/grants`, post(person));
    await move(id, 'sent');
    await lookLater();
    expect(to('pathologist@other.example')).toEqual([]);
    expect(await (await asConsultant('/notifications')).text()).toContain(id);
  });

  it('tries again after a refused connection, gives up after a day, and tells the laboratory', async () => {
    const away = await freePort();
    const trying = postmanAt(away);
    const waiting = async () =>
      await database.run((db) =>
        db
          .selectFrom('mail')
          .select(['tries', 'reason', 'given_up_at', 'sent_at'])
          .where('case_id', '=', id)
          .executeTakeFirstOrThrow(),
      );
    let id = await draft();
    await asLab(`/cases/${id}/grants`, post({ ...link, email: 'again@consult.example', sendMail: true }));
    await move(id, 'sent');
    nowMs = Date.now();
    await trying.look();
    expect(await waiting()).toMatchObject({
      tries: 1,
      sent_at: null,
      reason: expect.stringMatching(/^(ESOCKET|ECONNREFUSED|ECONNECTION)/),
    });
    const back = await startMailServer(away);
    await trying.look();
    expect(letters).toHaveLength(0);
    nowMs += 11_000;
    await trying.look();
    expect(to('again@consult.example')).toHaveLength(1);
    await trying.close();
    await new Promise<void>((resolve) => back.close(resolve));

    id = await draft();
    await asLab(`/cases/${id}/grants`, post({ ...link, email: 'never@consult.example', sendMail: true }));
    await move(id, 'sent');
    const inVain = postmanAt(away);
    nowMs = Date.now();
    await inVain.look();
    expect((await waiting()).given_up_at).toBeNull();
    nowMs += 86_400_000;
    await inVain.look();
    expect((await waiting()).given_up_at).not.toBeNull();
    nowMs = Date.now();

    id = await draft();
    unknown.add('nobody@consult.example');
    await asLab(`/cases/${id}/grants`, post({ ...link, email: 'nobody@consult.example', sendMail: true }));
    await move(id, 'sent');
    await lookLater();
    const refused = await waiting();
    expect(refused.given_up_at).not.toBeNull();
    expect(refused.reason).toContain('550');
    expect(refused.reason).not.toContain('@');
    expect(await (await asLab('/notifications')).text()).toContain('"undelivered"');
  });

  it('no letter that was ever sent names the patient, the number of the case or what was said', async () => {
    const id = await draft();
    await asLab(`/cases/${id}/grants`, post({ ...link, sendMail: true }));
    await move(id, 'sent');
    await asLab(`/cases/${id}/messages`, post({ text: 'seen on the left: melanoma' }));
    await lookLater();
    await lookLater(61_000);
    expect(letters.length).toBeGreaterThanOrEqual(2);
    for (const letter of letters) {
      const all = `${letter.subject ?? ''} ${letter.text ?? ''} ${String(letter.html)}`;
      for (const secret of secrets) expect(all).not.toContain(secret);
    }
  });
});
