import { useState } from 'preact/hooks';
import { addOrganisation, listOrganisations } from '../api/people.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, useDoing } from '../frame/form.tsx';
import { Page } from '../frame/frame.tsx';
import { useToast } from '../frame/toast.tsx';

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

function AddOrganisation({ onClose }: { onClose: () => void }) {
  const doing = useDoing();
  const toast = useToast();
  const [name, setName] = useState('');
  const submit = async () => {
    await addOrganisation(name.trim());
    toast({ text: `${name.trim()} was added.` });
    onClose();
  };
  return (
    <Dialog title="Add an organisation" onClose={onClose}>
      <Form doing={doing} action="Add" onSubmit={submit}>
        <Field
          label="Name"
          hint="The laboratory or hospital; others share slides with it by this name."
          required
          autofocus
          value={name}
          onChange={setName}
        />
      </Form>
    </Dialog>
  );
}
