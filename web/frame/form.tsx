import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useId, useRef, useState } from 'preact/hooks';
import { apiError, isAborted, type ApiError } from '../api/request.ts';
import '../styles/forms.css';

/** Something the service is asked to do: whether it is under way, and how it failed last. */
export interface Doing {
  readonly isBusy: boolean;
  readonly error: ApiError | undefined;
  /** Does it, unless it is under way already. @returns whether it was done */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
}

/** Keeps track of something the service is asked to do. */
export function useDoing(): Doing {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const underWay = useRef(false);
  const run = useCallback(async (work: () => Promise<void>) => {
    if (underWay.current) return false;
    underWay.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      if (!isAborted(error)) setError(apiError(error));
      return false;
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  }, []);
  return { isBusy, error, run };
}

interface FormProps {
  readonly doing: Doing;
  /** What the button says. */
  readonly action: string;
  readonly onSubmit: () => Promise<void>;
  readonly children: ComponentChildren;
  /** Beside the button. */
  readonly beside?: ComponentChildren;
  /** Whether what is done cannot be taken back. */
  readonly isDangerous?: boolean;
  readonly isIncomplete?: boolean;
  readonly class?: string;
}

/** Fields, what went wrong, and the button; Enter sends it. */
export function Form(props: FormProps) {
  const { doing, action, onSubmit, children, beside, isDangerous = false, isIncomplete = false } = props;
  return (
    <form
      class={`form ${props.class ?? ''}`}
      onSubmit={(event) => {
        event.preventDefault();
        void doing.run(onSubmit);
      }}
    >
      {children}
      <Failure error={doing.error} />
      <div class="form-actions">
        <button
          type="submit"
          class={isDangerous ? 'danger' : 'primary'}
          disabled={isIncomplete}
          aria-busy={doing.isBusy}
        >
          {action}
        </button>
        {beside}
      </div>
    </form>
  );
}

/** Why something was not done, read out at once. */
export function Failure({ error }: { error: ApiError | undefined }) {
  return (
    <div class="form-failure" role="alert">
      {error !== undefined && <p>{error.message}</p>}
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly type?: 'text' | 'email';
  readonly class?: string;
  readonly required?: boolean;
  readonly autofocus?: boolean;
  readonly inputMode?: 'text' | 'numeric';
  readonly autocomplete?: 'username' | 'one-time-code' | 'off';
  readonly hint?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A line of text with its name above and a hint below. */
export function Field({ label, hint, value, onChange, ...rest }: FieldProps) {
  const id = useId();
  const input = useFocused(rest.autofocus);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        {...typed[rest.type ?? 'text']}
        class={rest.class ?? ''}
        required={rest.required === true}
        autoFocus={rest.autofocus === true}
        inputMode={rest.inputMode ?? 'text'}
        autocomplete={rest.autocomplete ?? 'off'}
        autocapitalize={rest.type === 'email' ? 'none' : 'sentences'}
        value={value}
        {...described(id, hint)}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <Hint id={id} hint={hint} />
    </div>
  );
}

/** Focuses what comes later than the page, which `autofocus` alone does not. */
function useFocused(isWanted: boolean | undefined) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isWanted === true) input.current?.focus();
  }, [isWanted]);
  return input;
}

/** Preact's types want each kind of field spelled out. */
const typed = { text: { type: 'text' }, email: { type: 'email' }, password: { type: 'password' } } as const;

/** The name of its hint, for a field that has one. */
function described(id: string, hint: string | undefined): { 'aria-describedby'?: string } {
  return hint === undefined ? {} : { 'aria-describedby': `${id}-hint` };
}

function Hint({ id, hint }: { id: string; hint: string | undefined }) {
  if (hint === undefined) return null;
  return (
    <p class="hint" id={`${id}-hint`}>
      {hint}
    </p>
  );
}

interface PasswordFieldProps {
  readonly label: string;
  readonly autocomplete: 'current-password' | 'new-password';
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly autofocus?: boolean;
}

/** A password, hidden until asked for. */
export function PasswordField({ label, autocomplete, value, onChange, hint, autofocus }: PasswordFieldProps) {
  const id = useId();
  const [isShown, setShown] = useState(false);
  const input = useFocused(autofocus);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="password">
        <input
          ref={input}
          id={id}
          {...typed[isShown ? 'text' : 'password']}
          required
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          autoFocus={autofocus === true}
          value={value}
          {...described(id, hint)}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        <button
          type="button"
          aria-pressed={isShown}
          aria-label={`Show ${label.toLowerCase()}`}
          onClick={() => setShown(!isShown)}
        >
          {isShown ? 'Hide' : 'Show'}
        </button>
      </div>
      <Hint id={id} hint={hint} />
    </div>
  );
}
