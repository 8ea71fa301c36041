import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { printableWith } from './report-font.ts';
import { makeReport } from './report.ts';
import { sealReport, verifyReport } from './report-seal.ts';
import {
  canonicalText,
  fingerprintOf,
  signatureOf,
  verifyOpinion,
  type OpinionContent,
  type SignedOpinion,
} from './signed-opinion.ts';

const { privateKey, publicKey: publicObject } = generateKeyPairSync('ed25519');
const publicKey = publicObject.export({ format: 'jwk' }).x ?? '';
const figureId = 'd'.repeat(32);

const content: OpinionContent = {
  format: 'telepath-opinion/1',
  id: 'a'.repeat(32),
  code: 'K7QF2M9TXW4D',
  version: 2,
  case: {
    id: 'b'.repeat(32),
    accession: 'S26-04711',
    pseudonym: 'N-118',
    question: 'Spitz tumour or melanoma?',
    organisation: { id: '0'.repeat(32), name: 'Pathologie am Münster' },
  },
  author: {
    kind: 'account',
    id: 'c'.repeat(32),
    name: 'Prof. Zażółć Ωmega 病理',
    organisation: 'Institut für Pathologie Łódź',
  },
  signedAt: '2026-11-03T08:31:12.345Z',
  meaning: 'I have reviewed the material listed and sign this second opinion.',
  reason: 'The laboratory added the Ki-67 stain.',
  opinion: {
    diagnosis: 'Atypical Spitz tumour, 1.2 mm (≥ 1 mm), margins clear.',
    microscopy: 'Symmetrical melanocytic lesion with maturation. Mitoses 1/mm². '.repeat(12),
    comment: 'Ki-67 < 5 %, p16 retained.\n\nNo PRAME expression.',
    recommendation: 'Re-excision is not needed; follow-up in 6 months.',
    agreement: 'minor',
    agreementReason: 'The lesion is atypical, not conventional.',
  },
  figures: [{ id: figureId, sha256: 'e'.repeat(64), bytes: 1, caption: 'Junctional nests, 20×' }],
  slides: [{ id: '1'.repeat(32), sha256: 'f'.repeat(64), bytes: 1_938_955, title: 'A2 · HE' }],
  documents: [{ id: '2'.repeat(32), sha256: 'a'.repeat(64), bytes: 48_213, name: 'first-report.pdf' }],
  previous: { id: '3'.repeat(32), sha256: 'b'.repeat(64) },
  key: fingerprintOf(publicObject),
};
const signed: SignedOpinion = {
  content,
  publicKey,
  signature: signatureOf(canonicalText(content), privateKey),
};

let report: Buffer;

beforeAll(async () => {
  const picture = await sharp({ create: { width: 640, height: 400, channels: 3, background: '#d9a5c4' } })
    .jpeg()
    .toBuffer();
  const { pdf, envelope } = await makeReport(signed, {
    specimen: 'Skin excision, left upper back',
    priorDiagnosis: 'Conventional Spitz naevus.',
    patient: { name: 'Łukasz Żółć', number: '0815', born: '1992-02-29', sex: 'male' },
    pictures: new Map([[figureId, picture]]),
    verifyAt: 'https://telepath.example/verify',
  });
  report = sealReport(pdf, envelope, { publicKey, privateKey });
  const path = process.env['REPORT_TO'];
  if (path !== undefined) await writeFile(path, report);
});

describe('verifyOpinion', () => {
  it('knows what was signed, and finds any other text, key or signature', () => {
    expect(verifyOpinion(signed)).toMatchObject({ isValid: true, key: content.key });
    const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
    for (const changed of [
      { ...signed, content: { ...content, version: 3 } },
      { ...signed, content: { ...content, signedAt: '2026-11-03T08:31:12.346Z' } },
      { ...signed, publicKey: other },
      { ...signed, signature: signed.signature.replace(/^./, (one) => (one === 'A' ? 'B' : 'A')) },
      { ...signed, more: 1 },
      null,
    ])
      expect(verifyOpinion(changed).isValid).toBe(false);
  });

  it('does not care how the JSON is spelled', () => {
    const turned = Object.fromEntries(Object.entries(content).toReversed());
    expect(verifyOpinion({ ...signed, content: turned }).isValid).toBe(true);
  });

  it('has a canonical text as RFC 8785 has it', () => {
    expect(canonicalText({ b: [1e21, 0.1, '€'], a: '\n', A: null })).toBe(
      '{"A":null,"a":"\\n","b":[1e+21,0.1,"€"]}',
    );
  });
});

describe('verifyReport', () => {
  it('is told by the file alone who signed what', () => {
    expect(verifyReport(report)).toMatchObject({
      isValid: true,
      key: content.key,
      value: { id: content.id },
    });
  });

  it('finds each of 1,000 single bytes that were changed, most of all in the last line', () => {
    let found = 0;
    for (let i = 0; i < 1000; i++) {
      const tampered = Buffer.from(report);
      const place = i < 400 ? report.length - 1 - i : Math.floor(Math.random() * report.length);
      tampered[place] = (tampered[place] ?? 0) ^ (1 + Math.floor(Math.random() * 255));
      if (!verifyReport(tampered).isValid) found += 1;
    }
    expect(found).toBe(1000);
  });

  it('finds what was cut off, put on, or signed by somebody else', () => {
    const foreign = generateKeyPairSync('ed25519');
    const foreignKey = foreign.publicKey.export({ format: 'jwk' }).x ?? '';
    const end = report.lastIndexOf('\n%Telepath');
    const envelope = Buffer.from(canonicalText(signed));
    const resealed = sealReport(report.subarray(0, end), envelope, {
      publicKey: foreignKey,
      privateKey: foreign.privateKey,
    });
    for (const bytes of [
      report.subarray(0, -1),
      report.subarray(0, end),
      Buffer.concat([report, Buffer.from('\n')]),
      Buffer.concat([Buffer.from('\n'), report]),
      resealed,
      Buffer.alloc(0),
    ])
      expect(verifyReport(bytes).isValid).toBe(false);
  });
});

const hasWestern = (one: string) => /[ -~éł]/.test(one);

describe('printableWith', () => {
  it('writes the number of what the font has no letter for, and leaves nothing out', () => {
    expect(printableWith('e\u0301 ł 病\tx', hasWestern)).toBe('é ł [U+75C5]    x');
  });
});
