import { Icons } from '../icons.tsx';
import { bytesText, durationText } from '../wording.ts';
import type { Upload } from './uploads.ts';

/** One file on its way: how much, how fast, how long still. */
export function UploadRow({ upload, onRemove }: { upload: Upload; onRemove: () => void }) {
  const { name, state, sentBytes, totalBytes } = upload;
  const hasFailed = state.kind === 'failed';
  return (
    <li class={hasFailed ? 'upload failed' : 'upload'} data-testid="upload">
      <div class="upload-text">
        <b>{name}</b>
        <span role={hasFailed ? 'alert' : undefined}>{textOf(upload)}</span>
      </div>
      <button type="button" aria-label={`${hasFailed ? 'Dismiss' : 'Cancel'} ${name}`} onClick={onRemove}>
        <Icons.Close />
      </button>
      {!hasFailed && (
        <progress
          max={1}
          value={state.kind === 'reading' ? undefined : sentBytes / Math.max(1, totalBytes)}
          aria-label={`Sending ${name}`}
        />
      )}
    </li>
  );
}

function textOf({ state, sentBytes, totalBytes, bytesPerSecond }: Upload): string {
  if (state.kind === 'failed') return state.reason;
  if (state.kind === 'reading') return `${bytesText(totalBytes)} sent · the service reads the slide`;
  if (sentBytes === 0) return `${bytesText(totalBytes)} · waiting`;
  const amount = `${bytesText(sentBytes)} of ${bytesText(totalBytes)}`;
  if (bytesPerSecond <= 0) return amount;
  const left = durationText((totalBytes - sentBytes) / bytesPerSecond);
  return `${amount} · ${bytesText(Math.round(bytesPerSecond))}/s · ${left} left`;
}
