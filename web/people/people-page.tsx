import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { changePerson, listPeople, type Person, type PersonChange } from '../api/people.ts';
import { apiError } from '../api/request.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Page } from '../frame/frame.tsx';
import { SearchField } from '../frame/search-field.tsx';
import { useToast } from '../frame/toast.tsx';
import { AddPerson } from './add-person.tsx';
import { EditPerson } from './edit-person.tsx';
import { NewOneTimePassword } from './one-time-password.tsx';
import { PersonRow } from './person-row.tsx';

type Open = { readonly kind: 'add' } | { readonly kind: 'edit' | 'password'; readonly person: Person };

/** Everyone in the organisation, for its administrators. */
export default function PeoplePage() {
  const asked = useAsked(listPeople);
  const disable = useDisabling(asked.refresh);
  const [words, setWords] = useState('');
  const [open, setOpen] = useState<Open>();
  const close = () => {
    setOpen(undefined);
    asked.refresh();
  };
  const actions = (
    <>
      <SearchField label="Search people" value={words} onChange={setWords} />
      <button type="button" class="primary" onClick={() => setOpen({ kind: 'add' })}>
        Add a person
      </button>
    </>
  );
  return (
    <Page title="People" actions={actions} isBusy={asked.value === undefined}>
      <Answered asked={asked} what="the people">
        {(people) => (
          <Found people={people} words={words}>
            {(person) => (
              <PersonRow
                key={person.id}
                person={person}
                onEdit={() => setOpen({ kind: 'edit', person })}
                onPassword={() => setOpen({ kind: 'password', person })}
                onDisable={(disabled) => void disable(person, disabled)}
              />
            )}
          </Found>
        )}
      </Answered>
      {open?.kind === 'add' && <AddPerson onClose={close} />}
      {open?.kind === 'edit' && <EditPerson person={open.person} onClose={close} />}
      {open?.kind === 'password' && <NewOneTimePassword person={open.person} onClose={close} />}
    </Page>
  );
}

/** Shuts a person out, or lets them in again, and offers to undo that. @param changed called after every change */
function useDisabling(changed: () => void): (person: Person, disabled: boolean) => Promise<void> {
  const toast = useToast();
  const change = async (person: Person, wanted: PersonChange) => {
    try {
      await changePerson(person.id, wanted);
      changed();
      return true;
    } catch (error) {
      toast({ text: apiError(error).message });
      return false;
    }
  };
  return async (person: Person, disabled: boolean) => {
    if (!(await change(person, { disabled }))) return;
    const text = disabled ? `${person.name} can no longer sign in.` : `${person.name} can sign in again.`;
    toast({ text, undo: async () => void (await change(person, { disabled: !disabled })) });
  };
}

interface FoundProps {
  readonly people: readonly Person[];
  readonly words: string;
  readonly children: (person: Person) => ComponentChild;
}

function Found({ people, words, children }: FoundProps) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = people.filter(({ name, email }) => {
    const text = `${name} ${email}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  if (found.length === 0) return <Nothing title={`Nobody matches “${words.trim()}”`} />;
  return (
    <ul class="rows" aria-label="People">
      {found.map(children)}
    </ul>
  );
}
