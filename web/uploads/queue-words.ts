import { bytesText, durationText } from '../wording.ts';
import { isUnderWay, type Upload } from './upload.ts';

/** Part of an upload that has arrived, 0–1. */
export function partSent({ sentBytes, totalBytes }: Upload): number {
  return totalBytes === 0 ? 0 : Math.min(1, sentBytes / totalBytes);
}

/** Whole percent, never 100 before all of it has arrived. */
export function percentText(part: number): string {
  return `${Math.floor(part * 100)} %`;
}

/** What is said of one upload, beside its name. */
// oxlint-disable-next-line typescript/consistent-return -- every kind returns; the compiler sees to it
export function uploadText(upload: Upload): string {
  const { state, totalBytes, sentBytes } = upload;
  const amount = `${bytesText(sentBytes)} of ${bytesText(totalBytes)}`;
  switch (state.kind) {
    case 'waiting':
      return sentBytes > 0 ? `${amount} · waiting` : `${bytesText(totalBytes)} · waiting`;
    case 'preparing':
      return state.trouble ?? `${bytesText(totalBytes)} · starting`;
    case 'sending':
      return state.trouble === undefined
        ? [amount, ...paceOf(upload)].join(' · ')
        : `${amount} · ${state.trouble}`;
    case 'paused':
      return `${amount} · paused`;
    case 'file-needed':
      return `${amount} sent before this page was opened. ${state.isKnown ? 'Go on with it, or cancel it.' : 'Choose the file again to go on.'}`;
    case 'checking':
      return `${bytesText(totalBytes)} sent · being checked`;
    case 'duplicate':
      return 'This slide is already here; it was not added twice.';
    case 'failed':
      return state.reason;
  }
}

/** Speed and time left, when they are known. */
function paceOf({ bytesPerSecond, totalBytes, sentBytes }: Upload): string[] {
  if (bytesPerSecond <= 0) return [];
  const left = durationText((totalBytes - sentBytes) / bytesPerSecond);
  return [`${bytesText(Math.round(bytesPerSecond))}/s`, `${left} left`];
}

/** What is said of all of them together. */
export function queueText(uploads: readonly Upload[], isPaused: boolean): string {
  const going = uploads.filter(isUnderWay);
  if (going.length === 0) return '';
  const total = going.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  const sent = going.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const speed = going.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  const amount = `${bytesText(sent)} of ${bytesText(total)}`;
  if (isPaused) return `${amount} · paused`;
  return speed > 0 ? `${amount} · ${durationText((total - sent) / speed)} left` : amount;
}

/** How many are on their way, as a heading. */
export function queueTitle(uploads: readonly Upload[]): string {
  const going = uploads.filter(isUnderWay).length;
  if (going > 0) return going === 1 ? 'Sending 1 slide' : `Sending ${going} slides`;
  return uploads.length === 1 ? '1 slide not yet sent' : `${uploads.length} slides not yet sent`;
}
