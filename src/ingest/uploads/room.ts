import { ServiceError } from '../../core/errors.ts';
import type { UploadSpool } from '../../storage/upload-spool.ts';
import type { UploadRequest } from './upload-request.ts';
import type { UploadRows } from './upload-rows.ts';

/** Unfinished uploads that one organisation may have. */
const maxUnfinished = 1000;

/** What is looked at before an upload begins. */
export interface RoomParts {
  readonly rows: UploadRows;
  readonly spool: UploadSpool;
  /** Bytes of the disk that uploads leave free. */
  readonly reserveBytes: number;
}

/**
 * Refuses an upload for which there is no room, counting what all others have still to bring.
 *
 * @throws {ServiceError} `full`; `conflict` when too many are unfinished
 */
export async function checkRoom(
  { rows, spool, reserveBytes }: RoomParts,
  { size, organisationId }: UploadRequest,
): Promise<void> {
  const [free, outstanding] = await Promise.all([spool.freeBytes(), rows.outstanding(organisationId)]);
  if (outstanding.uploads >= maxUnfinished)
    throw new ServiceError(
      'conflict',
      `${outstanding.uploads} uploads of your organisation are unfinished; finish or cancel some of them first`,
    );
  if (free === undefined || size <= free - reserveBytes - outstanding.bytes) return;
  // Without the name: this one is logged.
  throw new ServiceError(
    'full',
    `no room for ${size} bytes beside what is being uploaded already; ask the operator to make room`,
  );
}
