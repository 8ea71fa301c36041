import { useState } from 'preact/hooks';
import { changePerson, type Person } from '../api/people.ts';
import type { Role } from '../api/session.ts';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, useDoing } from '../frame/form.tsx';
import { useSession } from '../session/session.ts';
import { RoleChoice } from './role-choice.tsx';

/** The form for a colleague's name and roles. */
export function EditPerson({ person, onClose }: { person: Person; onClose: () => void }) {
  const doing = useDoing();
  const { refresh } = useSession();
  const [name, setName] = useState(person.name);
  const [roles, setRoles] = useState<readonly Role[]>(person.roles);
  const submit = async () => {
    // To set roles signs the person out, so they are sent only when they were touched.
    await changePerson(person.id, { name: name.trim(), ...(roles === person.roles ? {} : { roles }) });
    // It may be oneself.
    await refresh();
    onClose();
  };
  return (
    <Dialog title={person.name} onClose={onClose}>
      <Form doing={doing} action="Save" onSubmit={submit} isIncomplete={roles.length === 0}>
        <Field label="Name" required autofocus value={name} onChange={setName} />
        <RoleChoice roles={roles} onChange={setRoles} />
      </Form>
    </Dialog>
  );
}
