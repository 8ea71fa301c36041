import { useRef, useState } from 'preact/hooks';
import { Icons } from '../icons.tsx';
import { chosenFiles } from './dropped.ts';
import { parcelOf } from './parcel.ts';
import type { UploadQueue } from './queue.ts';
import { partSent, percentText, uploadText } from './queue-words.ts';
import { isActive, type Upload } from './upload.ts';

interface UploadRowProps {
  readonly upload: Upload;
  readonly queue: UploadQueue;
  /** Whether what has arrived of it can be viewed. */
  readonly isViewable: boolean;
  readonly onOpen: (slideId: string) => void;
}

/** One slide on its way: how much, how fast, how long still, and what can be done about it. */
export function UploadRow({ upload, queue, isViewable, onOpen }: UploadRowProps) {
  const { key, name, state } = upload;
  const [mismatch, setMismatch] = useState<string>();
  const isBad = state.kind === 'failed' || mismatch !== undefined;
  const hasBar =
    state.kind !== 'failed' && state.kind !== 'duplicate' && (upload.sentBytes > 0 || isActive(upload));
  const isStuck = (state.kind === 'sending' || state.kind === 'preparing') && state.trouble !== undefined;
  const openId = state.kind === 'duplicate' ? state.ofSlideId : isViewable ? upload.slideId : undefined;
  return (
    <li class={`upload ${state.kind} ${isBad ? 'bad' : ''} ${isStuck ? 'stuck' : ''}`} data-testid="upload">
      <div class="upload-text">
        <b>{name}</b>
        <span role={isBad ? 'alert' : undefined}>{mismatch ?? uploadText(upload)}</span>
      </div>
      <div class="upload-actions">
        {hasBar && <span class="percent">{percentText(partSent(upload))}</span>}
        {openId !== undefined && <OpenLink id={openId} name={name} onOpen={onOpen} />}
        {state.kind === 'file-needed' && (
          <FileAgain upload={upload} queue={queue} isKnown={state.isKnown} onMismatch={setMismatch} />
        )}
        <Turn upload={upload} queue={queue} />
        <button
          type="button"
          aria-label={`${isBad || state.kind === 'duplicate' ? 'Dismiss' : 'Cancel'} ${name}`}
          onClick={() => void queue.remove(key)}
        >
          <Icons.Close />
        </button>
      </div>
      {hasBar && (
        <progress
          max={1}
          value={state.kind === 'checking' ? undefined : partSent(upload)}
          aria-label={`Sending ${name}`}
        />
      )}
    </li>
  );
}

/** Pause, go on, or try again: whichever the upload can. */
function Turn({ upload: { key, name, state }, queue }: { upload: Upload; queue: UploadQueue }) {
  if (state.kind === 'sending' || state.kind === 'preparing' || state.kind === 'waiting')
    return (
      <button type="button" aria-label={`Pause ${name}`} title="Pause" onClick={() => queue.pause(key)}>
        <Icons.Pause />
      </button>
    );
  if (state.kind === 'paused')
    return (
      <button type="button" aria-label={`Resume ${name}`} title="Resume" onClick={() => queue.resume(key)}>
        <Icons.Play />
      </button>
    );
  if (state.kind !== 'failed' || !state.canRetry) return null;
  return (
    <button type="button" class="quiet" aria-label={`Try ${name} again`} onClick={() => queue.resume(key)}>
      Try again
    </button>
  );
}

function OpenLink({ id, name, onOpen }: { id: string; name: string; onOpen: (slideId: string) => void }) {
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen(id);
  };
  return (
    <a class="quiet" href={`/view/${id}`} aria-label={`Open ${name}`} onClick={open}>
      Open
    </a>
  );
}

interface FileAgainProps {
  readonly upload: Upload;
  readonly queue: UploadQueue;
  readonly isKnown: boolean;
  readonly onMismatch: (text: string | undefined) => void;
}

/** Gives the page its file back: a browser forgets it when the page is closed. */
function FileAgain({ upload: { key, name }, queue, isKnown, onMismatch }: FileAgainProps) {
  const input = useRef<HTMLInputElement>(null);
  const again = async () => {
    onMismatch(undefined);
    if (!isKnown || !(await queue.reopen(key))) input.current?.click();
  };
  const chosen = async (list: FileList | null) => {
    const [file] = chosenFiles(list);
    if (file === undefined) return;
    const isIt = await queue.chooseFor(key, parcelOf(file));
    onMismatch(isIt ? undefined : `That was another file. Choose the ${name} that was being sent.`);
  };
  return (
    <>
      <button type="button" class="quiet" onClick={() => void again()}>
        {isKnown ? 'Resume' : 'Choose file'}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="file-again"
        onChange={(event) => {
          void chosen(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
