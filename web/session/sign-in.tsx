import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/request.ts';
import { hospitalSignInUrl, signIn, signInToDemo, signOut } from '../api/session.ts';
import { Failure, Field, Form, PasswordField, useDoing } from '../frame/form.tsx';
import { pages } from '../frame/router.ts';
import iconUrl from '../icon.svg';
import { durationText } from '../wording.ts';
import { forgetExit } from './exit.ts';
import { useSession, type Visitor } from './session.ts';
import '../styles/sign-in.css';

/** Stands in for every page as long as nobody is signed in; what was asked for is shown afterwards. */
export function SignIn({ visitor }: { visitor: Extract<Visitor, { kind: 'nobody' }> }) {
  const { ways, why } = visitor;
  const [isCodeNeeded, setCodeNeeded] = useState(false);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  useEffect(() => {
    document.title = 'Sign in · Telepath';
  }, []);
  const startAgain = () => {
    setCodeNeeded(false);
    setPassword('');
  };
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <p class="brand">
          <img src={iconUrl} alt="" width="36" height="36" />
          <span>Telepath</span>
        </p>
        {isCodeNeeded ? (
          <CodeStep email={email} password={password} onBack={startAgain} />
        ) : (
          <>
            <h1>Sign in</h1>
            {why !== undefined && <p class="sign-in-why">{whyText[why]}</p>}
            <ElsewhereFailed />
            {ways.oidc !== undefined && <HospitalButton name={ways.oidc.name} />}
            {ways.oidc !== undefined && ways.password && <p class="or">or</p>}
            {ways.password && (
              <PasswordStep
                email={email}
                password={password}
                onEmail={setEmail}
                onPassword={setPassword}
                onCodeNeeded={() => setCodeNeeded(true)}
              />
            )}
            {ways.demo && <Demo />}
          </>
        )}
      </div>
    </main>
  );
}

const whyText = {
  idle: 'You were signed out because the page was not used for a while. Sign in to go on where you were.',
  locked:
    'The page was not used for a while, so it is locked. Your slides go on being sent. Sign in to see them.',
  ended: 'You are signed out. Sign in to go on where you were.',
  'link-ended':
    'Your visit to the case has ended: its time is over, or the link was withdrawn. Open the link again, or sign in.',
} as const;

/** Why the hospital's own sign-in led back here. */
function ElsewhereFailed() {
  const outcome = new URLSearchParams(location.search).get('sign-in');
  if (outcome === null) return null;
  return (
    <div class="form-failure" role="alert">
      <p>
        {outcome === 'no-account'
          ? 'Your hospital knows you, but you have no account here yet. Ask an administrator to add you.'
          : 'The sign-in at your hospital did not work. Try again.'}
      </p>
    </div>
  );
}

interface PasswordStepProps {
  readonly email: string;
  readonly password: string;
  readonly onEmail: (email: string) => void;
  readonly onPassword: (password: string) => void;
  readonly onCodeNeeded: () => void;
}

function PasswordStep({ email, password, onEmail, onPassword, onCodeNeeded }: PasswordStepProps) {
  const doing = useDoing();
  const { enter } = useSession();
  const submit = async () => {
    const needed = await explained(signIn({ email: email.trim(), password }), 'E-mail or password is wrong.');
    if (needed === 'code') onCodeNeeded();
    else await enter();
  };
  return (
    <Form doing={doing} action="Sign in" onSubmit={submit}>
      <Field
        label="E-mail"
        type="email"
        required
        autocomplete="username"
        autofocus
        value={email}
        onChange={onEmail}
      />
      <PasswordField
        label="Password"
        autocomplete="current-password"
        value={password}
        onChange={onPassword}
      />
    </Form>
  );
}

interface CodeStepProps {
  readonly email: string;
  readonly password: string;
  readonly onBack: () => void;
}

const codeKinds = {
  app: {
    label: 'Code',
    hint: 'Six digits, from the authenticator app on your phone.',
    wrong: 'The code is wrong or too old.',
    inputMode: 'numeric',
    autocomplete: 'one-time-code',
    other: 'No phone at hand? Use a recovery code',
  },
  recovery: {
    label: 'Recovery code',
    hint: 'One of the codes you kept when you set this up.',
    wrong: 'This recovery code is wrong or was used before.',
    inputMode: 'text',
    autocomplete: 'off',
    other: 'Use the app',
  },
} as const;

/** The second factor: six digits of the app, or one of the recovery codes. */
function CodeStep({ email, password, onBack }: CodeStepProps) {
  const doing = useDoing();
  const { enter } = useSession();
  const [code, setCode] = useState('');
  const [kind, setKind] = useState<keyof typeof codeKinds>('app');
  const { wrong, other, ...field } = codeKinds[kind];
  const submit = async () => {
    await explained(signIn({ email: email.trim(), password, code: code.trim() }), wrong);
    await enter();
  };
  const turn = () => {
    setKind(kind === 'app' ? 'recovery' : 'app');
    setCode('');
  };
  const back = (
    <button type="button" onClick={onBack}>
      Back
    </button>
  );
  return (
    <>
      <h1>One more step</h1>
      <Form doing={doing} action="Sign in" onSubmit={submit} beside={back}>
        <Field key={kind} {...field} class="code" required autofocus value={code} onChange={setCode} />
      </Form>
      <button type="button" class="plain" onClick={turn}>
        {other}
      </button>
    </>
  );
}

/** Sends the browser to the hospital's sign-in, which leads back here. */
function HospitalButton({ name }: { name: string }) {
  const doing = useDoing();
  return (
    <>
      <button
        type="button"
        class="secondary"
        aria-busy={doing.isBusy}
        onClick={() => void doing.run(goToHospital)}
      >
        {`Sign in with ${name}`}
      </button>
      <Failure error={doing.error} />
    </>
  );
}

async function goToHospital(): Promise<void> {
  // A session that was only locked must not open the page to who comes back without signing in.
  await signOut();
  forgetExit();
  const isFailure = location.search.includes('sign-in=');
  const back = location.pathname + (isFailure ? '' : location.search) + location.hash;
  location.assign(`${hospitalSignInUrl}?to=${encodeURIComponent(back)}`);
}

function Demo() {
  const doing = useDoing();
  const { enter } = useSession();
  const submit = async () => {
    await signInToDemo();
    // The cases show in a minute what all this is for.
    if (location.pathname === pages.slides) history.replaceState(null, '', pages.cases);
    await enter();
    dispatchEvent(new PopStateEvent('popstate'));
  };
  return (
    <Form class="demo" doing={doing} action="Look at the demo" onSubmit={submit}>
      <p>New here? Look around with sample cases and slides; nothing to set up.</p>
    </Form>
  );
}

/** Says what a refused sign-in means in words that help: the service itself does not tell which part was wrong. */
async function explained<T>(attempt: Promise<T>, wrong: string): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) throw new ApiError(401, wrong, { cause: error });
    if (error.status === 429) throw new ApiError(429, throttledText(error.waitSeconds), { cause: error });
    throw error;
  }
}

function throttledText(seconds: number | undefined): string {
  const when = seconds === undefined ? 'a little later' : `in ${durationText(seconds)}`;
  return `Too many tries went wrong. Try again ${when}.`;
}
