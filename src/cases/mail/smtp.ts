import type { Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import type { Letter } from './letters.ts';

/** A letter with an address on it. */
export interface AddressedLetter extends Letter {
  readonly to: { readonly name: string; readonly address: string };
  /** The same for each try, so that mailboxes can tell a letter that came twice. */
  readonly messageId: string;
}

/** How e-mail is sent. */
export interface Mailer {
  /** Gives a letter to the mail server. @throws {SendFailure} */
  send(letter: AddressedLetter): Promise<void>;
  close(): void;
}

/** Why a letter was not taken. */
export class SendFailure extends Error {
  /** Whether the mail server refused this letter for good, so that trying again is no use. */
  readonly isFinal: boolean;

  /** @param reason codes only: what mail servers say names people */
  constructor(reason: string, isFinal: boolean, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'SendFailure';
    this.isFinal = isFinal;
  }
}

/** How long the mail server may take for anything, ms. */
const patienceMs = 20_000;

/**
 * Sends by SMTP, over one connection that is kept for a while.
 *
 * Without TLS from the start it insists on STARTTLS, but for a mail server on this machine itself.
 *
 * @param url `smtps://user:password@host:port` or `smtp://…`
 */
export function openSmtp({ url, from }: { readonly url: string; readonly from: string }): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isSecure = protocol === 'smtps:';
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  const options = {
    pool: true,
    maxConnections: 1,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isSecure ? 465 : 587) : Number(port),
    secure: isSecure,
    requireTLS: !isSecure && !isHere,
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const;
  let opened: Promise<Transporter> | undefined;
  return {
    async send({ to, subject, text, html, messageId }) {
      const headers = { 'Auto-Submitted': 'auto-generated' };
      try {
        opened ??= openTransport(options);
        const transport = await opened;
        await transport.sendMail({ from, to, subject, text, html, messageId, headers });
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () =>
      void opened?.then(
        (transport) => transport.close(),
        () => {}, // there is nothing to close
      ),
  };
}

/** Loads the mail client with the first letter: it takes a tenth of a process's start. */
async function openTransport(options: SMTPPool.Options): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport(options);
}

/** What went wrong as codes; the mail server's own sentence holds addresses. */
function failureOf(error: unknown): SendFailure {
  const { code, responseCode, command } = Object.assign({ code: '', responseCode: 0, command: '' }, error);
  const parts = [code, responseCode, command && `at ${command}`].filter((part) => part !== '' && part !== 0);
  const isFinal =
    responseCode >= 500 && responseCode < 600 && /^(RCPT TO|DATA)$/.test(command) && code !== 'EAUTH';
  return new SendFailure(parts.join(' ') || 'unknown', isFinal, { cause: error });
}
