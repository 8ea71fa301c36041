import { useState } from 'preact/hooks';
import {
  beginSecondFactor,
  confirmSecondFactor,
  removeSecondFactor,
  type Enrolment,
} from '../api/account.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Failure, Field, Form, PasswordField, useDoing } from '../frame/form.tsx';
import { Secret } from '../frame/secret.tsx';
import { useToast } from '../frame/toast.tsx';
import { useSession } from '../session/session.ts';
import { RecoveryCodes } from './recovery-codes.tsx';

/** The second factor: whether there is one, and the ways to set it up and to take it away. */
export function SecondFactor({ isOn }: { isOn: boolean }) {
  const doing = useDoing();
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [isRemoving, setRemoving] = useState(false);
  const begin = () => doing.run(async () => setEnrolment(await beginSecondFactor()));
  return (
    <section aria-labelledby="second-factor">
      <h2 id="second-factor">
        Second factor <span class={isOn ? 'tag on' : 'tag'}>{isOn ? 'on' : 'off'}</span>
      </h2>
      <p>
        {isOn
          ? 'At sign-in you are asked for a code from your phone, too.'
          : 'With an authenticator app on your phone, a stolen password alone opens nothing.'}
      </p>
      <Failure error={doing.error} />
      <div class="form-actions">
        {isOn ? (
          <button type="button" class="secondary" onClick={() => setRemoving(true)}>
            Turn off …
          </button>
        ) : (
          <button type="button" class="primary" aria-busy={doing.isBusy} onClick={() => void begin()}>
            Set up …
          </button>
        )}
      </div>
      {enrolment !== undefined && <Enrol enrolment={enrolment} onClose={() => setEnrolment(undefined)} />}
      {isRemoving && <Remove onClose={() => setRemoving(false)} />}
    </section>
  );
}

function Enrol({ enrolment, onClose }: { enrolment: Enrolment; onClose: () => void }) {
  const doing = useDoing();
  const { refresh } = useSession();
  const [code, setCode] = useState('');
  const [codes, setCodes] = useState<readonly string[]>();
  const finish = async () => {
    await refresh();
    onClose();
  };
  if (codes !== undefined)
    return (
      <Dialog title="Keep these recovery codes">
        <RecoveryCodes codes={codes} onDone={() => void finish()} />
      </Dialog>
    );
  return (
    <Dialog title="Set up the second factor" onClose={onClose}>
      <Form
        doing={doing}
        action="Turn on"
        onSubmit={async () => setCodes(await confirmSecondFactor(code.replace(/\s/g, '')))}
      >
        <p>1. Scan this with an authenticator app, or type the key into it.</p>
        <img
          class="qr"
          src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr)}`}
          alt="QR code for the authenticator app"
          width="192"
          height="192"
        />
        <Secret label="Key" text={grouped(enrolment.secret)} />
        <p>2. Type the code that the app shows now.</p>
        <Field
          label="Code"
          class="code"
          inputMode="numeric"
          autocomplete="one-time-code"
          required
          value={code}
          onChange={setCode}
        />
      </Form>
    </Dialog>
  );
}

/** In groups of four, as it is typed more easily. */
function grouped(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}

function Remove({ onClose }: { onClose: () => void }) {
  const doing = useDoing();
  const toast = useToast();
  const { refresh } = useSession();
  const [password, setPassword] = useState('');
  const submit = async () => {
    await removeSecondFactor(password);
    await refresh();
    toast({ text: 'The second factor is off.' });
    onClose();
  };
  return (
    <Dialog title="Turn off the second factor" onClose={onClose}>
      <Form doing={doing} action="Turn off" onSubmit={submit} isDangerous>
        <p>Your password alone is then enough to sign in. The recovery codes stop working.</p>
        <PasswordField
          label="Password"
          autocomplete="current-password"
          value={password}
          onChange={setPassword}
          autofocus
        />
      </Form>
    </Dialog>
  );
}
