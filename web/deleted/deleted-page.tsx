import { useState } from 'preact/hooks';
import { apiError } from '../api/request.ts';
import {
  deleteSlide,
  getStorageUse,
  listDeleted,
  restoreSlide,
  type DeletedSlide,
} from '../api/retention.ts';
import { Answered, Nothing, useAsked } from '../frame/answer.tsx';
import { Page } from '../frame/frame.tsx';
import { useToast } from '../frame/toast.tsx';
import { rightsOf } from '../session/rights.ts';
import { useSession } from '../session/session.ts';
import { bytesText, dateText } from '../wording.ts';
import { PurgeDialog } from './purge-dialog.tsx';
import { StorageBars } from './storage-bars.tsx';

/** Deleted slides: what can still be had back, and what may be destroyed. */
export default function DeletedPage() {
  const asked = useAsked(listDeleted);
  const [purging, setPurging] = useState<DeletedSlide>();
  const { purgesSlides } = rightsOf(useSession().visitor);
  const restore = useRestoring(asked.refresh);
  return (
    <Page title="Deleted slides" isBusy={asked.value === undefined}>
      <Answered asked={asked} what="the deleted slides">
        {(slides) =>
          slides.length === 0 ? (
            <Nothing title="No deleted slides">
              What is deleted can be restored here for a time, then it is destroyed.
            </Nothing>
          ) : (
            <ul class="rows" aria-label="Deleted slides">
              {slides.map((slide) => (
                <DeletedRow
                  key={slide.id}
                  slide={slide}
                  onRestore={() => void restore(slide)}
                  onPurge={purgesSlides ? () => setPurging(slide) : undefined}
                />
              ))}
            </ul>
          )
        }
      </Answered>
      {purgesSlides && <Storage />}
      {purging !== undefined && (
        <PurgeDialog
          slide={purging}
          onClose={() => {
            setPurging(undefined);
            asked.refresh();
          }}
        />
      )}
    </Page>
  );
}

/** Restores a slide, and offers to undo that. @param changed called after every change */
function useRestoring(changed: () => void): (slide: DeletedSlide) => Promise<void> {
  const toast = useToast();
  return async (slide: DeletedSlide) => {
    try {
      await restoreSlide(slide.id);
      const undo = async () => {
        await deleteSlide(slide.id);
        changed();
      };
      toast({ text: `“${slide.name}” is among the slides again.`, undo });
    } catch (error) {
      toast({ text: apiError(error).message });
    }
    changed();
  };
}

interface DeletedRowProps {
  readonly slide: DeletedSlide;
  readonly onRestore: () => void;
  /** Absent for who may not. */
  readonly onPurge: (() => void) | undefined;
}

function DeletedRow({ slide, onRestore, onPurge }: DeletedRowProps) {
  const { name, bytes, deletedAt, purgeAt } = slide;
  return (
    <li class="row" data-testid="deleted-slide">
      <div class="row-main">
        <h2>{name}</h2>
        <p class="quiet">{`${bytesText(bytes)} · deleted ${dateText(deletedAt)}`}</p>
      </div>
      <p class="row-side">{leftText(purgeAt, Date.now())}</p>
      <div class="row-actions">
        <button type="button" class="secondary" aria-label={`Restore ${name}`} onClick={onRestore}>
          Restore
        </button>
        {onPurge !== undefined && (
          <button type="button" class="secondary" aria-label={`Destroy ${name}`} onClick={onPurge}>
            Destroy …
          </button>
        )}
      </div>
    </li>
  );
}

/** How long a deleted slide can still be restored. */
export function leftText(purgeAt: string, nowMs: number): string {
  const days = Math.ceil((new Date(purgeAt).getTime() - nowMs) / 86_400_000);
  if (days <= 0) return 'Will be destroyed soon';
  return days === 1 ? 'Can be restored for one more day' : `Can be restored for ${days} days`;
}

function Storage() {
  const asked = useAsked(getStorageUse);
  return (
    <section class="box storage" aria-labelledby="storage">
      <h2 id="storage">Storage</h2>
      <Answered asked={asked} what="the storage used">
        {(uses) => <StorageBars uses={uses} />}
      </Answered>
    </section>
  );
}
