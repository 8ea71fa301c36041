import { useEffect, useRef, useState } from 'preact/hooks';
import { documentUrl, type CaseDocument } from '../api/cases.ts';
import { noticeStatus } from '../api/request.ts';
import { Dialog } from '../frame/dialog.tsx';

interface DocumentDialogProps {
  readonly caseId: string;
  readonly document: CaseDocument;
  readonly onClose: () => void;
}

/** A document, drawn by the page itself: nothing in it runs, and it never leaves for another program unasked. */
export function DocumentDialog({ caseId, document, onClose }: DocumentDialogProps) {
  const url = documentUrl(caseId, document.id);
  return (
    <Dialog title={document.name} onClose={onClose}>
      <div class="document-view" tabIndex={0} role="region" aria-label={`Pages of ${document.name}`}>
        {document.mediaType === 'application/pdf' && <PdfPages url={url} />}
        {document.mediaType.startsWith('image/') && <img src={url} alt={document.name} />}
        {document.mediaType.startsWith('text/') && <PlainText url={url} />}
      </div>
      <div class="form-actions">
        <a class="button secondary" href={url} download={document.name}>
          Save
        </a>
      </div>
    </Dialog>
  );
}

function PlainText({ url }: { url: string }) {
  const [text, setText] = useState<string>();
  useEffect(() => {
    const gone = new AbortController();
    bytesOf(url, gone.signal).then(
      (bytes) => setText(new TextDecoder().decode(bytes)),
      () => setText('The document could not be loaded. Close it and try again.'),
    );
    return () => gone.abort();
  }, [url]);
  return <pre aria-busy={text === undefined}>{text ?? 'Loading …'}</pre>;
}

type Reading = { readonly pages: number } | { readonly failed: string } | undefined;

/** All pages of a PDF, one below the other, each as a picture with its text for screen readers. */
function PdfPages({ url }: { url: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [reading, setReading] = useState<Reading>();
  useEffect(() => {
    const gone = new AbortController();
    drawPdf(url, place.current, gone.signal).then(
      (pages) => setReading({ pages }),
      (error: unknown) => {
        if (!gone.signal.aborted)
          setReading({ failed: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => gone.abort();
  }, [url]);
  return (
    <>
      {reading === undefined && <p role="status">Opening the document …</p>}
      {reading !== undefined && 'failed' in reading && (
        <p role="alert">{`The document cannot be shown here (${reading.failed}). Save it to read it.`}</p>
      )}
      <div ref={place} class="pdf-pages" />
    </>
  );
}

/** Longest side of a page's picture, px. */
const longestPx = 2400;

async function drawPdf(url: string, place: HTMLElement | null, signal: AbortSignal): Promise<number> {
  const [{ getDocument, GlobalWorkerOptions }, worker, data] = await Promise.all([
    import('pdfjs-dist'),
    import('pdfjs-dist/build/pdf.worker.min.mjs?url'),
    bytesOf(url, signal),
  ]);
  GlobalWorkerOptions.workerSrc = worker.default;
  const loading = getDocument({
    data,
    enableXfa: false,
    disableFontFace: true,
    useWorkerFetch: false,
    useWasm: false,
  });
  signal.addEventListener('abort', () => void loading.destroy());
  const pdf = await loading.promise;
  for (let number = 1; number <= pdf.numPages && !signal.aborted; number += 1) {
    const page = await pdf.getPage(number);
    const plain = page.getViewport({ scale: 1 });
    const wanted = ((place?.clientWidth ?? 800) / plain.width) * devicePixelRatio;
    const scale = Math.min(wanted, longestPx / Math.max(plain.width, plain.height));
    const viewport = page.getViewport({ scale });
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(viewport.width);
    canvas.height = Math.round(viewport.height);
    canvas.setAttribute('role', 'img');
    const text = await page.getTextContent();
    const words = text.items.map((item) => ('str' in item ? item.str : '')).join(' ');
    canvas.setAttribute('aria-label', `Page ${number} of ${pdf.numPages}: ${words.slice(0, 5000)}`);
    place?.append(canvas);
    await page.render({ canvas, viewport }).promise;
  }
  return pdf.numPages;
}

async function bytesOf(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const answer = await fetch(url, { signal });
  noticeStatus(answer.status);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}
