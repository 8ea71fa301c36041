import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { addMessage, listMessages, type Case, type CaseMessage, type Mark } from '../api/cases.ts';
import { Answered, useAsked } from '../frame/answer.tsx';
import { Failure, useDoing } from '../frame/form.tsx';
import { follow } from '../frame/router.ts';
import { formatHash } from '../viewer/deep-link.ts';
import { dateText } from '../wording.ts';
import { caseSlideUrl } from './case-words.ts';

/** How often messages are looked for, ms. */
const againMs = 5000;

interface CaseTalkProps {
  readonly found: Pick<Case, 'id' | 'slides' | 'rights'>;
  /** What is looked at now, to be marked in a message; absent where no slide is shown. */
  readonly markNow?: (() => Mark) | undefined;
}

/** What was said about a case, and the way to say something. */
export function CaseTalk({ found, markNow }: CaseTalkProps) {
  const { id } = found;
  const asked = useAsked(useCallback((signal) => listMessages(id, signal), [id]));
  const { refresh } = asked;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, againMs);
    return () => clearInterval(timer);
  }, [refresh]);
  return (
    <section class="box case-talk" aria-label="Messages">
      <h2>Messages</h2>
      <Answered asked={asked} what="the messages">
        {(messages) => <Said messages={messages} found={found} />}
      </Answered>
      {found.rights.discuss && <Say found={found} markNow={markNow} onSaid={refresh} />}
    </section>
  );
}

function Said({ messages, found }: { messages: readonly CaseMessage[]; found: CaseTalkProps['found'] }) {
  const list = useRef<HTMLOListElement>(null);
  // The newest is in sight; what is around the list stays where it is.
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [messages.length]);
  if (messages.length === 0) return <p class="quiet">Nothing was said yet.</p>;
  return (
    <ol ref={list} class="messages" aria-live="polite" aria-label="What was said" tabIndex={0}>
      {messages.map((message) => (
        <li key={message.id} class={message.isOwn ? 'message own' : 'message'} data-testid="message">
          <p class="quiet">
            <b>{message.isOwn ? 'You' : message.by}</b>{' '}
            <time dateTime={message.at}>{dateText(message.at)}</time>
          </p>
          <p class="said">{message.text}</p>
          {message.mark !== undefined && <MarkLink mark={message.mark} found={found} />}
        </li>
      ))}
    </ol>
  );
}

/** The way to exactly what a message speaks of. */
function MarkLink({ mark, found }: { mark: Mark; found: CaseTalkProps['found'] }) {
  const slide = found.slides.find(({ id }) => id === mark.slideId);
  const annotation = mark.annotationId === undefined ? '' : `&a=${mark.annotationId}`;
  return (
    <a
      class="mark"
      href={caseSlideUrl(found.id, mark.slideId, formatHash(mark) + annotation)}
      onClick={(event) => {
        if (!(event.ctrlKey || event.metaKey || event.shiftKey) && event.button === 0) {
          follow(event);
          // The same page with another place only: its hash is all that is new.
          history.replaceState(history.state, '', event.currentTarget.href);
          dispatchEvent(new HashChangeEvent('hashchange'));
        }
      }}
    >
      {`Show on ${slide?.title ?? 'the slide'}`}
    </a>
  );
}

interface SayProps extends CaseTalkProps {
  readonly onSaid: () => void;
}

function Say({ found, markNow, onSaid }: SayProps) {
  const doing = useDoing();
  const [text, setText] = useState('');
  const [isMarked, setMarked] = useState(false);
  const send = () =>
    void doing.run(async () => {
      await addMessage(found.id, text.trim(), isMarked ? markNow?.() : undefined);
      setText('');
      setMarked(false);
      onSaid();
    });
  return (
    <form
      class="say"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        rows={2}
        maxLength={10_000}
        aria-label="Message"
        placeholder="Write a message"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
        }}
      />
      {markNow !== undefined && (
        <label class="check">
          <input
            type="checkbox"
            checked={isMarked}
            onChange={(event) => setMarked(event.currentTarget.checked)}
          />
          Mark what I am looking at
        </label>
      )}
      <button type="submit" class="primary" disabled={text.trim() === ''} aria-busy={doing.isBusy}>
        Send message
      </button>
      <Failure error={doing.error} />
    </form>
  );
}
