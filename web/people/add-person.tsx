import { useState } from 'preact/hooks';
import { addPerson } from '../api/people.ts';
import type { Role } from '../api/session.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, useDoing } from '../frame/form.tsx';
import { OneTimePassword } from './one-time-password.tsx';
import { RoleChoice } from './role-choice.tsx';

/** The form for a new colleague, then the password for their first sign-in. */
export function AddPerson({ onClose }: { onClose: () => void }) {
  const doing = useDoing();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(['pathologist']);
  const [password, setPassword] = useState<string>();
  const submit = async () => setPassword(await addPerson({ name: name.trim(), email: email.trim(), roles }));
  return (
    <Dialog title="Add a person" onClose={onClose}>
      {password === undefined ? (
        <Form doing={doing} action="Add" onSubmit={submit} isIncomplete={roles.length === 0}>
          <Field
            label="Name"
            hint="As colleagues know them, e.g. Dr. Maria Lee"
            required
            autofocus
            value={name}
            onChange={setName}
          />
          <Field label="E-mail" type="email" required value={email} onChange={setEmail} autocomplete="off" />
          <RoleChoice roles={roles} onChange={setRoles} />
        </Form>
      ) : (
        <OneTimePassword name={name} password={password} onClose={onClose} />
      )}
    </Dialog>
  );
}
