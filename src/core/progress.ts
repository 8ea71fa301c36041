/** Told now and then how far a long call has come; cheap to call, never throws. */
export type ReportProgress = (done: number, total: number) => void;
