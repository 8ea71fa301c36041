import { useState } from 'preact/hooks';
import { addOrganisation, listOrganisations } from '../api/people.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, useDoing } from '../frame/form.tsx';
import { Page } from '../frame/frame.tsx';
import { OneTimePassword } from './one-time-password.tsx';

/** All laboratories and hospitals of the service, for its operators. */
export default function OrganisationsPage() {
  const asked = useAsked(listOrganisations);
  const [isAdding, setAdding] = useState(false);
  const close = () => {
    setAdding(false);
    asked.refresh();
  };
  const actions = (
    <button type="button" class="primary" onClick={() => setAdding(true)}>
      Add an organisation
    </button>
  );
  return (
    <Page title="Organisations" actions={actions} isBusy={asked.value === undefined}>
      <Answered asked={asked} what="the organisations">
        {(organisations) =>
          organisations.length === 0 ? (
            <Nothing title="No organisations yet">A laboratory or a hospital is one organisation.</Nothing>
          ) : (
            <ul class="rows" aria-label="Organisations">
              {organisations.map(({ id, name }) => (
                <li key={id} class="row">
                  <h2>{name}</h2>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
      {isAdding && <AddOrganisation onClose={close} />}
    </Page>
  );
}

/** The form for a laboratory or hospital and who looks after its people, then that person's first password. */
function AddOrganisation({ onClose }: { onClose: () => void }) {
  const doing = useDoing();
  const [name, setName] = useState('');
  const [administrator, setAdministrator] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState<string>();
  const submit = async () =>
    setPassword(await addOrganisation(name.trim(), { name: administrator.trim(), email: email.trim() }));
  return (
    <Dialog title="Add an organisation" onClose={onClose}>
      {password === undefined ? (
        <Form doing={doing} action="Add" onSubmit={submit}>
          <Field
            label="Name"
            hint="The laboratory or hospital; others share slides with it by this name."
            required
            autofocus
            value={name}
            onChange={setName}
          />
          <Field
            label="Its administrator"
            hint="Who adds the others there"
            required
            value={administrator}
            onChange={setAdministrator}
          />
          <Field
            label="E-mail of the administrator"
            type="email"
            required
            value={email}
            onChange={setEmail}
          />
        </Form>
      ) : (
        <OneTimePassword name={administrator} password={password} onClose={onClose} />
      )}
    </Dialog>
  );
}
