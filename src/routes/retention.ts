import type { Subject } from '../auth/policy.ts';
import type { Principal } from '../auth/principal.ts';
import { addressOf, type Line } from '../auth/request-proof.ts';
import type { Catalogue } from '../db/catalogue.ts';
import { purge, type PurgeParts } from '../ingest/retention/purge.ts';
import type { Retention } from '../ingest/retention/retention.ts';
import { storageUse } from '../ingest/retention/storage-use.ts';
import { done, json, made } from './answers.ts';
import { certificateRoutes, documentOf } from './certificates.ts';
import { certificate, deletedSlides, useOfStorage } from './retention-examples.ts';
import { NoParams, SlideParams } from './params.ts';
import { actorOf } from './recorder.ts';
import { CertificateDocument, DeletedSlides, StorageUseList } from './retention-schemas.ts';
import { route, type Route } from './route.ts';
import { slideSubjectOf, withinReach } from './subjects.ts';

/** What the routes of deletion stand on. */
export interface RetentionRouteParts {
  readonly catalogue: Catalogue;
  readonly retention: Retention;
  readonly purging: PurgeParts;
  readonly line: Line;
}

const unavailable = 'the audit could not be written, so nothing was done';
const invalid = 'id: a slide id is 32 hexadecimal digits';
const noDeleted = 'nothing at /slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/restoration';
const onSlide = { topic: 'Records', params: SlideParams, query: NoParams } as const;

/** Deleting, restoring and destroying slides; certificates; what is taken up. */
export function retentionRoutes(parts: RetentionRouteParts): readonly Route[] {
  return [
    deleteRoute(parts),
    restoreRoute(parts),
    purgeRoute(parts),
    deletedRoute(parts),
    ...certificateRoutes(parts.purging.database),
    useRoute(parts),
  ];
}

function deleteRoute({ catalogue, retention }: RetentionRouteParts): Route {
  return route({
    ...onSlide,
    name: 'deleteSlide',
    method: 'delete',
    path: '/slides/:id',
    action: 'slide.delete',
    subject: async ({ id }) => await slideSubjectOf(catalogue, id),
    summary: 'Deletes a slide; it can be restored for a time',
    description:
      'Nothing is destroyed until TELEPATH_RETENTION_DAYS have passed, or an administrator orders it.',
    answer: done('It is deleted.'),
    fails: {
      invalid,
      'not-found': 'nothing at /slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854',
      conflict: 'slide 4f2a9c0e8b7d45f1a3c6e9b20d7f1854 is still arriving: cancel its upload instead',
      unavailable,
    },
    respond: async ({ params, principal }) => await retention.delete(params.id, accountOf(principal)),
  });
}

function restoreRoute({ retention }: RetentionRouteParts): Route {
  return route({
    ...onSlide,
    name: 'restoreSlide',
    method: 'post',
    path: '/slides/:id/restoration',
    action: 'slide.restore',
    subject: deletedSubject(retention),
    summary: 'Restores a deleted slide',
    answer: done('It is among the slides again.'),
    fails: {
      invalid,
      'not-found': noDeleted,
      conflict: 'slide 4f2a9c0e8b7d45f1a3c6e9b20d7f1854 is being destroyed: it cannot be restored any more',
      unavailable,
    },
    respond: async ({ params }) => await retention.restore(params.id),
  });
}

function purgeRoute({ retention, purging, line }: RetentionRouteParts): Route {
  return route({
    ...onSlide,
    name: 'purgeSlide',
    method: 'post',
    path: '/slides/:id/purge',
    action: 'slide.purge',
    subject: deletedSubject(retention),
    // Written in the transaction that ends it, with the hash of the certificate.
    audit: { none: 'written with the certificate' },
    summary: 'Destroys a deleted slide for good',
    description:
      'Answers when nothing is left of it in the store. When it fails, or is cut off, the service goes on by itself; asking again does, too.',
    answer: made(CertificateDocument, { description: 'The certificate.', example: certificate }),
    fails: {
      invalid,
      'not-found': 'nothing at /slides/4f2a9c0e8b7d45f1a3c6e9b20d7f1854/purge',
      unavailable,
    },
    respond: async ({ params, principal, req }) => {
      const order = { actor: actorOf(principal), address: addressOf(req, line) };
      return documentOf(await purge(purging, params.id, order));
    },
  });
}

function deletedRoute({ retention }: RetentionRouteParts): Route {
  return route({
    topic: 'Records',
    name: 'listDeletedSlides',
    method: 'get',
    path: '/deleted-slides',
    action: 'slide.restore',
    params: NoParams,
    query: NoParams,
    summary: 'Deleted slides that can be restored',
    answer: json(DeletedSlides, { description: 'The slides.', cache: 'no-store', example: deletedSlides }),
    fails: { unavailable },
    respond: async ({ principal }) => {
      const slides = await retention.list(withinReach(principal));
      return {
        slides: slides.map(({ id, name, bytes, deletedAt, purgeAt, deletedBy }) => ({
          id,
          name,
          bytes,
          deletedAt,
          purgeAt,
          ...(deletedBy !== undefined && { deletedBy }),
        })),
      };
    },
  });
}

function useRoute({ purging: { database } }: RetentionRouteParts): Route {
  return route({
    topic: 'Records',
    name: 'getStorageUse',
    method: 'get',
    path: '/storage-use',
    action: 'storage.read',
    params: NoParams,
    query: NoParams,
    summary: 'What slides take up: of one’s organisation, for operators of all',
    answer: json(StorageUseList, { description: 'Bytes.', cache: 'no-store', example: useOfStorage }),
    fails: { unavailable },
    respond: async ({ principal }) => {
      const isOperator = principal.kind === 'person' && principal.roles.includes('operator');
      const within = isOperator ? undefined : withinReach(principal).organisationId;
      return { organisations: [...(await storageUse(database, within))] };
    },
  });
}

/** A deleted slide as the subject of an action. */
function deletedSubject(retention: Retention) {
  return async ({ id }: { readonly id: string }): Promise<Subject | undefined> => {
    const slide = await retention.find(id);
    return slide && { kind: 'slide', id, organisationId: slide.organisationId, sharedWith: [] };
  };
}

function accountOf(principal: Principal): string | undefined {
  return principal.kind === 'person' ? principal.accountId : undefined;
}
