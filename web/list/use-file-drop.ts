import { useEffect, useRef, useState } from 'preact/hooks';

/** Takes what is dropped anywhere on the page. @returns whether files are being dragged over it now */
export function useFileDrop(dropped: (transfer: DataTransfer) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(dropped);
  latest.current = dropped;
  useEffect(() => {
    const gone = new AbortController();
    const { signal } = gone;
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    addEventListener('dragenter', over, { signal });
    addEventListener('dragover', over, { signal });
    addEventListener(
      'dragleave',
      (event) => {
        // Leaving a child fires too; only the window itself has nothing it enters.
        if (event.relatedTarget === null) setOver(false);
      },
      { signal },
    );
    addEventListener(
      'drop',
      (event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer !== null) latest.current(event.dataTransfer);
      },
      { signal },
    );
    return () => gone.abort();
  }, []);
  return isOver;
}
