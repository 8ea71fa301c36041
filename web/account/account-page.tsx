import { Page } from '../frame/frame.tsx';
import { useToast } from '../frame/toast.tsx';
import { MailChoice } from '../notifications/mail-choice.tsx';
import { rolesText } from '../session/rights.ts';
import { useMe } from '../session/session.ts';
import { NewPassword } from './new-password.tsx';
import { SecondFactor } from './second-factor.tsx';
import { Tokens } from './tokens.tsx';

/** One's own account: who one is here, the password, the second factor, keys for programs. */
export default function AccountPage() {
  const me = useMe();
  const toast = useToast();
  if (me === undefined)
    return (
      <Page title="Your account">
        <p>There are no accounts here: everyone on this machine sees the slides.</p>
      </Page>
    );
  return (
    <Page title="Your account">
      <div class="sections">
        <section aria-labelledby="about-you">
          <h2 id="about-you">{me.name}</h2>
          <dl class="facts-list">
            <div>
              <dt>E-mail</dt>
              <dd>{me.email}</dd>
            </div>
            <div>
              <dt>Organisation</dt>
              <dd>{me.organisation.name}</dd>
            </div>
            <div>
              <dt>Here as</dt>
              <dd>{rolesText(me.roles)}</dd>
            </div>
          </dl>
          <p class="quiet">An administrator of your organisation can change these.</p>
        </section>
        <section aria-labelledby="password">
          <h2 id="password">Password</h2>
          <NewPassword
            asksCurrent
            action="Change the password"
            onDone={() => toast({ text: 'Your password is changed. You are signed out everywhere else.' })}
          />
        </section>
        <SecondFactor isOn={me.hasSecondFactor} />
        <MailChoice />
        <Tokens />
      </div>
    </Page>
  );
}
