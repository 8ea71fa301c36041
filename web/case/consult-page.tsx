import { useEffect, useState } from 'preact/hooks';
import { enterByLink, lookAtLink } from '../api/guest.ts';
import { apiError, type ApiError } from '../api/request.ts';
import { Field, Form, PasswordField, useDoing } from '../frame/form.tsx';
import { goTo } from '../frame/router.ts';
import iconUrl from '../icon.svg';
import { useSession } from '../session/session.ts';
import '../styles/sign-in.css';

type Looked = { readonly needsPasscode: boolean; readonly name: string } | { readonly error: ApiError };

/** Where the link to a case leads: says who one is, and opens the case. The secret never leaves the address bar but for the service. */
export default function ConsultPage() {
  const { refresh } = useSession();
  const doing = useDoing();
  const [secret] = useState(() => location.hash.slice(1));
  const [looked, setLooked] = useState<Looked>();
  const [name, setName] = useState('');
  const [passcode, setPasscode] = useState('');
  useEffect(() => {
    document.title = 'Second opinion · Telepath';
    const look = async () => {
      try {
        const found = await lookAtLink(secret);
        setLooked(found);
        setName(found.name);
      } catch (error) {
        setLooked({ error: apiError(error) });
      }
    };
    void look();
  }, [secret]);
  const enter = async () => {
    const code = passcode === '' ? {} : { passcode };
    const { caseId } = await enterByLink({ secret, name: name.trim(), ...code });
    // Not in the history either: whoever comes back uses the link.
    history.replaceState(null, '', `/case/${caseId}`);
    await refresh();
    goTo(`/case/${caseId}`);
  };
  return (
    <main class="sign-in consult">
      <div class="sign-in-box">
        <p class="sign-in-brand">
          <img src={iconUrl} alt="" width="40" height="40" />
          Telepath
        </p>
        {looked === undefined && <p role="status">Opening the case …</p>}
        {looked !== undefined && 'error' in looked && <Broken error={looked.error} />}
        {looked !== undefined && !('error' in looked) && (
          <>
            <h1>You are asked for a second opinion</h1>
            <Form doing={doing} action="Open the case" onSubmit={enter} isIncomplete={name.trim() === ''}>
              <Field
                label="Your name"
                required
                autofocus
                value={name}
                hint="It stands on what you write and sign."
                onChange={setName}
              />
              {looked.needsPasscode && (
                <PasswordField
                  label="Passcode"
                  autocomplete="current-password"
                  value={passcode}
                  hint="The laboratory has told you."
                  onChange={setPasscode}
                />
              )}
            </Form>
            <p class="quiet">This link shows one case, and what you do in it is recorded.</p>
          </>
        )}
      </div>
    </main>
  );
}

function Broken({ error }: { error: ApiError }) {
  const isOver = error.status === 404 || error.status === 400;
  return (
    <>
      <h1>{isOver ? 'This link does not work any more' : 'The case cannot be opened now'}</h1>
      <p>
        {isOver ? 'Its time is over, or it was withdrawn. Ask who sent it for a new one.' : error.message}
      </p>
      {!isOver && (
        <button type="button" class="primary" onClick={() => location.reload()}>
          Try again
        </button>
      )}
    </>
  );
}
