import { addedId, ApiError, problemText } from '../api.ts';

/** How far one file has come on its way to the service. */
export interface Upload {
  /** Counts from 1 in this page; not the slide's id. */
  readonly key: number;
  readonly name: string;
  readonly totalBytes: number;
  readonly sentBytes: number;
  readonly bytesPerSecond: number;
  readonly state:
    | { readonly kind: 'sending' }
    /** All bytes are there; the service reads the slide. */
    | { readonly kind: 'reading' }
    | { readonly kind: 'failed'; readonly reason: string };
}

/** An upload under way. */
export interface RunningUpload {
  /** The new slide's id. @throws {ApiError} when refused · an AbortError when cancelled */
  readonly finished: Promise<string>;
  cancel(): void;
}

/** Sends `file` to the service. @param report told about four times a second */
export function sendSlide(
  file: File,
  report: (state: Pick<Upload, 'sentBytes' | 'bytesPerSecond' | 'state'>) => void,
): RunningUpload {
  // fetch cannot tell how much has been sent.
  const request = new XMLHttpRequest();
  const speed = speedometer();
  const finished = new Promise<string>((resolve, reject) => {
    request.upload.addEventListener('progress', ({ loaded }) => {
      const kind = loaded < file.size ? 'sending' : 'reading';
      report({ sentBytes: loaded, bytesPerSecond: speed(loaded, performance.now()), state: { kind } });
    });
    request.addEventListener('load', () => settle(request, resolve, reject));
    request.addEventListener('error', () =>
      reject(new ApiError(0, 'The connection broke. Add the file again.')),
    );
    request.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
  });
  request.open('POST', `/slides?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader('Content-Type', 'application/octet-stream');
  request.send(file);
  return { finished, cancel: () => request.abort() };
}

function settle(
  request: XMLHttpRequest,
  resolve: (id: string) => void,
  reject: (error: Error) => void,
): void {
  const { status, responseText } = request;
  if (status !== 201) return reject(new ApiError(status, problemText(status, responseText)));
  try {
    resolve(addedId(responseText));
  } catch (error) {
    reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/**
 * Bytes per second over about the last three seconds: steady enough to read, quick enough to be true.
 *
 * @returns a function that takes the bytes sent so far and the time in ms
 */
export function speedometer(): (bytes: number, timeMs: number) => number {
  const marks: { readonly bytes: number; readonly timeMs: number }[] = [];
  return (bytes, timeMs) => {
    marks.push({ bytes, timeMs });
    while (marks.length > 2 && timeMs - (marks[1]?.timeMs ?? timeMs) >= 3000) marks.shift();
    const first = marks[0];
    if (first === undefined || timeMs - first.timeMs < 200) return 0;
    return ((bytes - first.bytes) / (timeMs - first.timeMs)) * 1000;
  };
}
