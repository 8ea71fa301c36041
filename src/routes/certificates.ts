import type { z } from 'zod';
import type { Subject } from '../auth/policy.ts';
import { ServiceError } from '../core/errors.ts';
import type { Database } from '../db/database.ts';
import { findCertificate, listCertificates, type Certificate } from '../ingest/retention/certificate.ts';
import { content, json } from './answers.ts';
import { certificatePage } from './certificate-page.ts';
import { NoParams } from './params.ts';
import { certificate } from './retention-examples.ts';
import { CertificateDocument, CertificateList, CertificateParams } from './retention-schemas.ts';
import { route, type Route } from './route.ts';
import { withinReach } from './subjects.ts';

const unavailable = 'the database: no answer (ECONNREFUSED); is it running, and is the address right?';

/** Certificates of slides that were destroyed, for an organisation’s administrators. */
export function certificateRoutes(database: Database): readonly Route[] {
  const found = async (id: string) => {
    const one = await findCertificate(database, { id });
    if (one === undefined) throw new ServiceError('not-found', `no certificate ${id}`);
    return one;
  };
  const common = {
    topic: 'Records',
    method: 'get',
    action: 'slide.purge',
    params: CertificateParams,
    query: NoParams,
    subject: async ({ id }: { readonly id: string }): Promise<Subject | undefined> => {
      const one = await findCertificate(database, { id });
      return one && { kind: 'organisation', organisationId: one.organisationId };
    },
    fails: {
      invalid: 'id: a certificate id is 32 hexadecimal digits',
      'not-found': 'nothing at /certificates/7be2f50c9d1d4f60b1a7c4e2d9380a65',
      unavailable,
    },
  } as const;
  return [
    listCertificatesRoute(database),
    route({
      ...common,
      name: 'getCertificate',
      path: '/certificates/:id.json',
      summary: 'What says that a slide was destroyed, as a document',
      answer: json(CertificateDocument, {
        description: 'The certificate.',
        cache: 'no-cache',
        example: certificate,
      }),
      respond: async ({ params }) => documentOf(await found(params.id)),
    }),
    route({
      ...common,
      name: 'getCertificatePage',
      path: '/certificates/:id',
      summary: 'What says that a slide was destroyed, as a page to print',
      answer: content('text/html', { description: 'The page.', cache: 'no-cache' }),
      respond: async ({ params, res }) => {
        res.set('Content-Disposition', `inline; filename="certificate-${params.id}.html"`);
        return certificatePage(await found(params.id));
      },
    }),
  ];
}

function listCertificatesRoute(database: Database): Route {
  return route({
    topic: 'Records',
    name: 'listCertificates',
    method: 'get',
    path: '/certificates',
    action: 'slide.purge',
    params: NoParams,
    query: NoParams,
    summary: 'Certificates of slides that were destroyed',
    answer: json(CertificateList, {
      description: 'The certificates.',
      cache: 'no-store',
      example: {
        certificates: [
          {
            id: certificate.id,
            slide: certificate.content.slide,
            destroyedAt: certificate.content.destroyedAt,
            bytes: 1_938_955,
          },
        ],
      },
    }),
    fails: { unavailable },
    respond: async ({ principal }) => {
      const all = await listCertificates(database, withinReach(principal).organisationId);
      return {
        certificates: all.map(({ certificate: id, slide, destroyedAt, objects }) => ({
          id,
          slide,
          destroyedAt,
          bytes: objects.reduce((sum, object) => sum + object.bytes, 0),
        })),
      };
    },
  });
}

/** A certificate as it is answered. */
export function documentOf({ id, sha256, audit, content }: Certificate): z.infer<typeof CertificateDocument> {
  return { id, sha256, audit: { ...audit }, content };
}
