import { useEffect, useState } from 'preact/hooks';
import { askSomebody, type NewGrant } from '../api/cases.ts';
import { getNotifications } from '../api/notifications.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, useDoing } from '../frame/form.tsx';
import { Secret } from '../frame/secret.tsx';

interface AskDialogProps {
  readonly caseId: string;
  readonly onClose: () => void;
}

const ways: readonly (readonly [NewGrant['kind'], string, string])[] = [
  ['person', 'A colleague with an account here', 'They find the case in their list.'],
  ['organisation', 'Another organisation', 'All its pathologists see the case and can answer.'],
  ['link', 'Somebody without an account', 'A link to this case alone, that ends and can be withdrawn.'],
];

/** Asks somebody about a case. */
export function AskDialog({ caseId, onClose }: AskDialogProps) {
  const doing = useDoing();
  const [kind, setKind] = useState<NewGrant['kind']>('person');
  const [fields, setFields] = useState({ email: '', organisation: '', name: '', passcode: '', days: 14 });
  const [rights, setRights] = useState({ showsPatient: false, mayAnswer: true });
  const [link, setLink] = useState<string>();
  const sendsMail = useSendsMail();
  const [isMailed, setMailed] = useState(false);
  const put = (part: Partial<typeof fields>) => setFields((now) => ({ ...now, ...part }));
  const submit = async () => {
    const url = await askSomebody(caseId, grantOf(kind, { ...fields, sendMail: isMailed }, rights));
    if (url === undefined) onClose();
    else setLink(new URL(url, location.href).href);
  };
  if (link !== undefined)
    return (
      <LinkMade link={link} hasPasscode={fields.passcode !== ''} isMailed={isMailed} onClose={onClose} />
    );
  return (
    <Dialog title="Ask for an opinion" onClose={onClose}>
      <Form doing={doing} action={kind === 'link' ? 'Make the link' : 'Ask'} onSubmit={submit}>
        <fieldset class="ways">
          <legend>Whom?</legend>
          {ways.map(([way, name, about]) => (
            <label key={way}>
              <input type="radio" name="way" checked={kind === way} onChange={() => setKind(way)} />
              <span>
                {name}
                <span class="quiet">{about}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {kind === 'organisation' && (
          <Field
            label="Name of the organisation"
            required
            value={fields.organisation}
            hint="Letter by letter, as it is called here."
            onChange={(organisation) => put({ organisation })}
          />
        )}
        {kind === 'link' && (
          <Field label="Their name" required value={fields.name} onChange={(name) => put({ name })} />
        )}
        {kind !== 'organisation' && (
          <Field
            label="Their e-mail"
            type="email"
            required
            value={fields.email}
            onChange={(email) => put({ email })}
          />
        )}
        {kind === 'link' && <LinkFields fields={fields} onChange={put} />}
        {kind === 'link' && sendsMail && (
          <label class="check">
            <input
              type="checkbox"
              checked={isMailed}
              onChange={(event) => setMailed(event.currentTarget.checked)}
            />
            Send them the link by e-mail, once the case is sent
          </label>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={rights.mayAnswer}
            onChange={(event) => setRights({ ...rights, mayAnswer: event.currentTarget.checked })}
          />
          They are asked to answer, not only to look
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={rights.showsPatient}
            onChange={(event) => setRights({ ...rights, showsPatient: event.currentTarget.checked })}
          />
          They may know who the patient is
        </label>
      </Form>
    </Dialog>
  );
}

/** Whether this service sends e-mail. */
function useSendsMail(): boolean {
  const [sendsMail, setSendsMail] = useState(false);
  useEffect(() => {
    // When it cannot be asked, the link is there to be copied.
    getNotifications(false).then(
      (told) => setSendsMail(told.sendsMail),
      () => setSendsMail(false),
    );
  }, []);
  return sendsMail;
}

interface LinkFieldsProps {
  readonly fields: { readonly passcode: string; readonly days: number };
  readonly onChange: (part: { readonly passcode?: string; readonly days?: number }) => void;
}

function LinkFields({ fields, onChange }: LinkFieldsProps) {
  return (
    <div class="pair">
      <Field
        label="Passcode (optional)"
        value={fields.passcode}
        hint="At least 6 characters; tell it by telephone."
        onChange={(passcode) => onChange({ passcode })}
      />
      <label class="field">
        The link works for
        <select
          value={fields.days}
          onChange={(event) => onChange({ days: Number(event.currentTarget.value) })}
        >
          <option value={3}>3 days</option>
          <option value={7}>a week</option>
          <option value={14}>2 weeks</option>
          <option value={30}>30 days</option>
          <option value={90}>90 days</option>
        </select>
      </label>
    </div>
  );
}

function LinkMade({
  link,
  hasPasscode,
  isMailed,
  onClose,
}: {
  link: string;
  hasPasscode: boolean;
  isMailed: boolean;
  onClose: () => void;
}) {
  return (
    <Dialog title="The link is ready" onClose={onClose}>
      <div class="form">
        <Secret label="Link" text={link} />
        <p class="quiet">
          {isMailed && 'They get it by e-mail once the case is sent. '}
          {`Send it only to whom you ask. It cannot be shown again; it can be withdrawn at any time.${
            hasPasscode ? ' Tell the passcode by another way, e.g. by telephone.' : ''
          }`}
        </p>
        <div class="form-actions">
          <button type="button" class="primary" onClick={onClose}>
            Done
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function grantOf(
  kind: NewGrant['kind'],
  {
    email,
    organisation,
    name,
    passcode,
    days,
    sendMail,
  }: Record<'email' | 'organisation' | 'name' | 'passcode', string> & { days: number; sendMail: boolean },
  rights: { readonly showsPatient: boolean; readonly mayAnswer: boolean },
): NewGrant {
  if (kind === 'person') return { kind, email: email.trim(), ...rights };
  if (kind === 'organisation') return { kind, organisation: organisation.trim(), ...rights };
  const code = passcode.trim() === '' ? {} : { passcode: passcode.trim() };
  return { kind, name: name.trim(), email: email.trim(), days, sendMail, ...code, ...rights };
}
