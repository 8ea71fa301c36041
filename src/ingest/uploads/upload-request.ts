import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { SlideFile } from '../file-list.ts';
import type { Upload, UploadSpan } from './upload-record.ts';

/** What somebody wants to send. */
export interface UploadRequest {
  readonly name: string;
  readonly size: number;
  /** Of the whole file, hexadecimal. */
  readonly sha256?: string | undefined;
  /** Ranges that cover the file without a gap; default: one. */
  readonly spans?: readonly Pick<UploadSpan, 'start' | 'length'>[] | undefined;
  /** Where it is a folder: what it holds, one behind the other. */
  readonly files?: readonly SlideFile[] | undefined;
  readonly organisationId: string;
  readonly accountId: string | undefined;
  /** Id of the only span; default: a new one. */
  readonly spanId?: string;
}

/**
 * An upload that begins now.
 *
 * @throws {ServiceError} `invalid` for spans that do not cover the file, or files that are not its parts
 */
export function uploadOf(request: UploadRequest, expiresAt: Date): Upload {
  const { name, size, organisationId, accountId, sha256, spanId } = request;
  const files = filesOf(request);
  const spans = spansOf(request).map((span) => ({ ...span, id: spanId ?? newId(), received: 0 }));
  return {
    id: newId(),
    name,
    size,
    received: 0,
    pieces: [],
    organisationId,
    accountId,
    state: 'receiving',
    expectedSha256: sha256,
    files,
    spans,
    multipartId: undefined,
    duplicateOf: undefined,
    createdAt: new Date(),
    expiresAt,
  };
}

/** The spans of a request, ordered by their start. @throws {ServiceError} `invalid` */
function spansOf({ size, spans = [{ start: 0, length: size }] }: UploadRequest) {
  const ordered = spans.toSorted((a, b) => a.start - b.start);
  let at = 0;
  for (const { start, length } of ordered) {
    if (start !== at)
      throw new ServiceError('invalid', `spans: one begins at ${start}, but those before it end at ${at}`);
    at += length;
  }
  if (at !== size) throw new ServiceError('invalid', `spans: they end at ${at}, the file at ${size}`);
  return ordered;
}

/** The files of a request that is a folder; undefined for one of a single file. @throws {ServiceError} `invalid` */
function filesOf({ size, files = [] }: UploadRequest): readonly SlideFile[] | undefined {
  if (files.length <= 1) return undefined;
  const sum = files.reduce((total, file) => total + file.size, 0);
  if (sum !== size) throw new ServiceError('invalid', `files: they have ${sum} bytes together, not ${size}`);
  const paths = new Set(files.map(({ path }) => path.toLowerCase()));
  if (paths.size !== files.length) throw new ServiceError('invalid', 'files: two have the same path');
  return files;
}
