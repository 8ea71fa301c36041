import type { Uploads } from '../list/use-uploads.ts';
import '../styles/queue.css';
import { queueText, queueTitle } from './queue-words.ts';
import { isUnderWay } from './upload.ts';
import { UploadRow } from './upload-row.tsx';

interface QueuePanelProps {
  readonly sending: Uploads;
  /** Slides that can be viewed, though they may still be arriving. */
  readonly viewable: ReadonlySet<string>;
  readonly onOpen: (slideId: string) => void;
}

/** Slides on their way; nothing when there are none. */
export function QueuePanel({ sending, viewable, onOpen }: QueuePanelProps) {
  const { uploads, isPaused, queue } = sending;
  if (uploads.length === 0) return null;
  const canPause = isPaused || uploads.filter(isUnderWay).length > 1;
  return (
    <section class="queue" aria-label="Slides on their way">
      <header>
        <h2>{queueTitle(uploads)}</h2>
        <p>{queueText(uploads, isPaused)}</p>
        {canPause && (
          <button type="button" class="quiet" onClick={() => queue.pauseAll(!isPaused)}>
            {isPaused ? 'Resume all' : 'Pause all'}
          </button>
        )}
      </header>
      <ul>
        {uploads.map((upload) => (
          <UploadRow
            key={upload.key}
            upload={upload}
            queue={queue}
            isViewable={upload.slideId !== undefined && viewable.has(upload.slideId)}
            onOpen={onOpen}
          />
        ))}
      </ul>
    </section>
  );
}
