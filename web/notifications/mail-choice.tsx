import { useCallback, useState } from 'preact/hooks';
import { getMailChoices, getNotifications, putMailChoices, type MailChoices } from '../api/notifications.ts';
import { apiError } from '../api/request.ts';
import { Answered, useAsked } from '../frame/answer.tsx';
import { useToast } from '../frame/toast.tsx';
import '../styles/notifications.css';

const choices: readonly (readonly [keyof MailChoices, string])[] = [
  ['asked', 'When I am asked for an opinion'],
  ['messages', 'When somebody writes about a case'],
  ['answers', 'When a case is answered, amended or given back'],
  ['changes', 'When a case is closed or withdrawn'],
  ['reminders', 'Reminders: due tomorrow, overdue, not opened'],
];

/** Which e-mails one wants; nothing where the service sends none. */
export function MailChoice() {
  const question = useCallback(async (signal: AbortSignal) => {
    const { sendsMail } = await getNotifications(false, signal);
    return sendsMail ? await getMailChoices(signal) : undefined;
  }, []);
  const asked = useAsked(question);
  if (asked.value === undefined && asked.error === undefined) return null;
  return (
    <section aria-labelledby="e-mails">
      <h2 id="e-mails">E-mails</h2>
      <p>You are told of all of this in the page. By e-mail, too:</p>
      <Answered asked={asked} what="your choice">
        {(known) => known !== undefined && <Boxes known={known} />}
      </Answered>
    </section>
  );
}

function Boxes({ known }: { known: MailChoices }) {
  const toast = useToast();
  const [shown, setShown] = useState(known);
  const choose = async (name: keyof MailChoices, isWanted: boolean) => {
    const next = { ...shown, [name]: isWanted };
    setShown(next);
    try {
      await putMailChoices(next);
    } catch (error) {
      setShown(shown);
      toast({ text: `Not kept: ${apiError(error).message}` });
    }
  };
  return (
    <div class="mail-choices">
      {choices.map(([name, text]) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={shown[name] ?? true}
            onChange={(event) => void choose(name, event.currentTarget.checked)}
          />
          {text}
        </label>
      ))}
    </div>
  );
}
