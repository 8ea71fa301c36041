import { ServiceError } from '../../core/errors.ts';
import { verifyReport } from '../opinions/report-seal.ts';
import { canonicalText, SignedOpinion, verifyOpinion } from '../opinions/signed-opinion.ts';
import type { Manifest } from './capsule-manifest.ts';
import { wholeEntry, type VerifiedCapsule } from './verify-capsule.ts';

/** An opinion of a capsule, found to be as it was signed, with its reports. */
export interface CheckedOpinion {
  readonly signed: SignedOpinion;
  readonly report?: Buffer;
  readonly patientReport?: Buffer;
}

/**
 * The opinions of a capsule, each held against the key that signed it, which need not be the capsule's.
 *
 * @throws {ServiceError} `damaged` when one, or a report, is not as it was signed
 */
export async function* checkedOpinions(
  name: string,
  capsule: VerifiedCapsule,
): AsyncGenerator<CheckedOpinion> {
  for (const said of capsule.manifest.opinions) {
    const signed = await signedIn(name, capsule, said);
    const report = await reportIn(name, capsule, said.report, signed);
    const patientReport = await reportIn(name, capsule, said.patientReport, signed);
    yield {
      signed,
      ...(report !== undefined && { report }),
      ...(patientReport !== undefined && { patientReport }),
    };
  }
}

async function signedIn(
  name: string,
  capsule: VerifiedCapsule,
  said: Manifest['opinions'][number],
): Promise<SignedOpinion> {
  const bytes = await wholeEntry(capsule, said.signed);
  const signed = SignedOpinion.safeParse(jsonOf(bytes)).data;
  const verified = verifyOpinion(signed);
  if (signed === undefined || !verified.isValid)
    throw new ServiceError(
      'damaged',
      `${name}: ${said.signed} in it is no signed opinion: ${verified.isValid ? '' : verified.reason}`,
    );
  const { id, version, author, signedAt } = signed.content;
  const isAsSaid =
    id === said.id && version === said.version && author.name === said.by && signedAt === said.signedAt;
  if (!isAsSaid || canonicalText(signed) !== bytes.toString())
    throw new ServiceError('damaged', `${name}: ${said.signed} in it is not the opinion that it says`);
  return signed;
}

async function reportIn(
  name: string,
  capsule: VerifiedCapsule,
  entry: string | undefined,
  { content }: SignedOpinion,
): Promise<Buffer | undefined> {
  if (entry === undefined) return undefined;
  const bytes = await wholeEntry(capsule, entry);
  const verified = verifyReport(bytes);
  if (verified.isValid && canonicalText(verified.value) === canonicalText(content)) return bytes;
  throw new ServiceError(
    'damaged',
    `${name}: ${entry} in it is not the report that was signed${verified.isValid ? '' : `: ${verified.reason}`}`,
  );
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
