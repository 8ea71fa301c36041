import { useState } from 'preact/hooks';
import { createToken, listTokens, revokeToken, type Scope, type Token } from '../api/account.ts';
import { apiError } from '../api/request.ts';
import { Answered, useAsked } from '../frame/answer.tsx';
import { Dialog } from '../frame/dialog.tsx';
import { Field, Form, useDoing } from '../frame/form.tsx';
import { Secret } from '../frame/secret.tsx';
import { useToast } from '../frame/toast.tsx';
import { dateText } from '../wording.ts';

const scopeWords: Readonly<Record<Scope, string>> = {
  read: 'view slides',
  upload: 'add slides',
  manage: 'all else you may do',
};
const scopes = ['read', 'upload', 'manage'] as const;

/** Keys with which programs act as this account. */
export function Tokens() {
  const asked = useAsked(listTokens);
  const toast = useToast();
  const [isAdding, setAdding] = useState(false);
  const revoke = async (token: Token) => {
    try {
      await revokeToken(token.id);
      toast({ text: `“${token.name}” does not work any more.` });
    } catch (error) {
      toast({ text: apiError(error).message });
    }
    asked.refresh();
  };
  const close = () => {
    setAdding(false);
    asked.refresh();
  };
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens">Keys for programs</h2>
      <p>A key (API token) lets a program, such as the uploader beside a scanner, work in your name.</p>
      <Answered asked={asked} what="your keys">
        {(tokens) =>
          tokens.length > 0 && (
            <ul class="rows" aria-label="Keys for programs">
              {tokens.map((token) => (
                <TokenRow key={token.id} token={token} onRevoke={() => void revoke(token)} />
              ))}
            </ul>
          )
        }
      </Answered>
      <div class="form-actions">
        <button type="button" class="secondary" onClick={() => setAdding(true)}>
          Make a key …
        </button>
      </div>
      {isAdding && <AddToken onClose={close} />}
    </section>
  );
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const { name, usedAt, expiresAt } = token;
  const may = scopes.filter((scope) => token.scopes.includes(scope)).map((scope) => scopeWords[scope]);
  return (
    <li class="row" data-testid="token">
      <div class="row-main">
        <h3>{name}</h3>
        <p class="quiet">{`May ${may.join(', ')}`}</p>
      </div>
      <div class="row-side">
        <p class="quiet">{usedAt === undefined ? 'Not used yet' : `Last used ${dateText(usedAt)}`}</p>
        <p class="quiet">{`Works until ${dateText(expiresAt)}`}</p>
      </div>
      <button type="button" class="secondary" aria-label={`Revoke ${name}`} onClick={onRevoke}>
        Revoke
      </button>
    </li>
  );
}

function AddToken({ onClose }: { onClose: () => void }) {
  const doing = useDoing();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Scope[]>(['upload']);
  const [days, setDays] = useState(90);
  const [token, setToken] = useState<string>();
  if (token !== undefined)
    return (
      <Dialog title="The key" onClose={onClose}>
        <div class="form">
          <p>Copy it into the program now. It is not shown again.</p>
          <Secret label="Key" text={token} />
          <div class="form-actions">
            <button type="button" class="primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      </Dialog>
    );
  const submit = async () => setToken(await createToken({ name: name.trim(), scopes: chosen, days }));
  return (
    <Dialog title="Make a key" onClose={onClose}>
      <Form doing={doing} action="Make the key" onSubmit={submit} isIncomplete={chosen.length === 0}>
        <Field
          label="Name"
          hint="Where it is used, e.g. Scanner room 2"
          required
          autofocus
          value={name}
          onChange={setName}
        />
        <ScopeChoice chosen={chosen} onChange={setChosen} />
        <Lifetime days={days} onChange={setDays} />
      </Form>
    </Dialog>
  );
}

function ScopeChoice({
  chosen,
  onChange,
}: {
  chosen: readonly Scope[];
  onChange: (chosen: readonly Scope[]) => void;
}) {
  return (
    <fieldset class="choices">
      <legend>What the program may do</legend>
      {scopes.map((scope) => (
        <label key={scope}>
          <input
            type="checkbox"
            checked={chosen.includes(scope)}
            onChange={(event) => {
              const isChosen = event.currentTarget.checked;
              onChange(scopes.filter((each) => (each === scope ? isChosen : chosen.includes(each))));
            }}
          />
          <span>{scopeWords[scope].replace(/^./, (first) => first.toUpperCase())}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Lifetime({ days, onChange }: { days: number; onChange: (days: number) => void }) {
  return (
    <label class="field">
      Works for
      <select value={days} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        <option value={7}>a week</option>
        <option value={30}>30 days</option>
        <option value={90}>90 days</option>
        <option value={365}>a year</option>
      </select>
    </label>
  );
}
