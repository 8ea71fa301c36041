import { useEffect, useState } from 'preact/hooks';
import { addFigure, getDraft } from '../api/opinions.ts';
import { apiError, isAborted } from '../api/request.ts';
import { caseInUrl } from '../case/case-words.ts';
import { Failure, useDoing } from '../frame/form.tsx';
import type { View } from '../viewer/deep-link.ts';
import { draftOf, forgetDraft } from './draft-store.ts';
import { asJpeg } from './figure-picture.ts';

/** A picture of what is seen of a slide. */
interface Captured {
  readonly blob: Blob;
  readonly slideId: string;
  readonly view: View;
}

/** Puts a picture into one's opinion, where a slide is looked at for a case that one is asked to answer. */
export function UseAsFigure({ picture }: { picture: Captured }) {
  const caseId = useAnswerableCase();
  const doing = useDoing();
  const [isDone, setDone] = useState(false);
  if (caseId === undefined) return null;
  const put = () =>
    void doing.run(async () => {
      await putFigure(caseId, picture);
      setDone(true);
    });
  return (
    <>
      <button type="button" class="outlined" disabled={isDone} aria-busy={doing.isBusy} onClick={put}>
        {isDone ? 'In your opinion' : 'Use as figure'}
      </button>
      <Failure error={doing.error} />
    </>
  );
}

async function putFigure(caseId: string, { blob, slideId, view }: Captured): Promise<void> {
  const documentId = await addFigure(caseId, await asJpeg(blob));
  const store = draftOf(caseId);
  await store.refresh();
  const figure = { documentId, caption: '', mark: { slideId, ...view } };
  store.edit((draft) => ({ ...draft, figures: [...draft.figures, figure] }));
  const isSaved = await store.flush();
  forgetDraft(caseId);
  if (!isSaved) throw new Error(store.view.problem ?? 'The draft could not be saved. Try again.');
}

/** The case in the address, when one may answer it. */
function useAnswerableCase(): string | undefined {
  const [found, setFound] = useState<string>();
  useEffect(() => {
    const id = caseInUrl();
    if (id === undefined) return undefined;
    const gone = new AbortController();
    getDraft(id, gone.signal).then(
      () => setFound(id),
      (error: unknown) => {
        // Who may not answer is offered nothing.
        if (!isAborted(error) && ![403, 404].includes(apiError(error).status))
          console.warn('whether the case can be answered is not known', error);
      },
    );
    return () => gone.abort();
  }, []);
  return found;
}
