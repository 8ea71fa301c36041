import { z } from 'zod';

const bytes = z.int().min(0);

/** An upload as the service describes it; what is not needed here may be there, too. */
export const UploadAnswer = z.object({
  uploadId: z.string(),
  slideId: z.string(),
  name: z.string(),
  size: bytes,
  state: z.enum(['receiving', 'received', 'done']),
  sha256: z.string().optional(),
  duplicateOf: z.string().optional(),
  /** Why no slide could be made of it. */
  reason: z.string().optional(),
  spans: z.array(z.object({ url: z.string(), start: bytes, length: bytes, received: bytes })).min(1),
});

/** An upload as the service describes it. */
export type UploadAnswer = z.infer<typeof UploadAnswer>;

/** Answer to the wish to upload: where to send it, or which slide is the same. */
export const StartAnswer = z.union([UploadAnswer, z.object({ duplicateOf: z.string() })]);

/** Uploads of ours that are not finished. */
export const ListAnswer = z.object({ uploads: z.array(UploadAnswer) });

/** What a failure says of itself (RFC 9457). */
export const ProblemAnswer = z.object({ detail: z.string() });
