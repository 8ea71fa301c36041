import { useState } from 'preact/hooks';
import { changePassword } from '../api/account.ts';
import { ApiError } from '../api/request.ts';
import { Form, PasswordField, useDoing } from '../frame/form.tsx';

/** The fewest characters a password may have. */
export const minPasswordLength = 12;

interface NewPasswordProps {
  /** Whether the old one must be typed; not when it was made for this one sign-in. */
  readonly asksCurrent: boolean;
  readonly action: string;
  readonly onDone: () => void | Promise<void>;
}

/** The form for a new password. */
export function NewPassword({ asksCurrent, action, onDone }: NewPasswordProps) {
  const doing = useDoing();
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const submit = async () => {
    if (fresh !== again) throw new ApiError(400, 'The two new passwords are not the same.');
    await changed({ new: fresh, ...(asksCurrent ? { current } : {}) });
    for (const set of [setCurrent, setFresh, setAgain]) set('');
    await onDone();
  };
  return (
    <Form doing={doing} action={action} onSubmit={submit} isIncomplete={fresh.length < minPasswordLength}>
      {asksCurrent && (
        <PasswordField
          label="Current password"
          autocomplete="current-password"
          value={current}
          onChange={setCurrent}
        />
      )}
      <PasswordField
        label="New password"
        autocomplete="new-password"
        value={fresh}
        onChange={setFresh}
        hint={strengthHint(fresh)}
        autofocus={!asksCurrent}
      />
      <PasswordField
        label="New password again"
        autocomplete="new-password"
        value={again}
        onChange={setAgain}
      />
    </Form>
  );
}

async function changed(passwords: { current?: string; new: string }): Promise<void> {
  try {
    await changePassword(passwords);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw new ApiError(401, 'The current password is wrong.', { cause: error });
  }
}

/** What would make a password better, or that it is good. */
export function strengthHint(password: string): string {
  const missing = minPasswordLength - password.length;
  if (password === '')
    return `At least ${minPasswordLength} characters. Four words that have nothing to do with each other are strong and easy to keep.`;
  if (missing > 0) return `${missing} more character${missing === 1 ? '' : 's'}.`;
  if (new Set(password.toLowerCase()).size < 6) return 'Long enough, but it repeats itself: easy to guess.';
  return password.length >= 20 ? 'Strong.' : 'Good. Longer is stronger.';
}
