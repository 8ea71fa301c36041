import { useState } from 'preact/hooks';
import { resetPassword, type Person } from '../api/people.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Form, useDoing } from '../frame/form.tsx';
import { Secret } from '../frame/secret.tsx';

interface OneTimePasswordProps {
  readonly name: string;
  readonly password: string;
  readonly onClose: () => void;
}

/** The password for one sign-in, shown this once. */
export function OneTimePassword({ name, password, onClose }: OneTimePasswordProps) {
  return (
    <div class="form">
      <p>{`Give ${name} this password. It works for one sign-in, and is not shown again.`}</p>
      <Secret label="One-time password" text={password} />
      <div class="form-actions">
        <button type="button" class="primary" onClick={onClose}>
          Done
        </button>
      </div>
    </div>
  );
}

/** Asks whether a colleague is to have a new password, then shows it. */
export function NewOneTimePassword({ person, onClose }: { person: Person; onClose: () => void }) {
  const doing = useDoing();
  const [password, setPassword] = useState<string>();
  const { name, id } = person;
  return (
    <Dialog title="New one-time password" onClose={onClose}>
      {password === undefined ? (
        <Form
          doing={doing}
          action="Make a new password"
          onSubmit={async () => setPassword(await resetPassword(id))}
        >
          <p>{`${name}’s password stops working, and ${name} is signed out everywhere.`}</p>
        </Form>
      ) : (
        <OneTimePassword name={name} password={password} onClose={onClose} />
      )}
    </Dialog>
  );
}
