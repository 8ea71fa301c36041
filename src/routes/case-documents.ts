import { may } from '../auth/policy.ts';
import { authorOf } from '../cases/author.ts';
import { caseSubjectOf } from '../cases/case-subject.ts';
import type { Casework } from '../cases/casework.ts';
import { done, fileOf, json, made } from './answers.ts';
import { documentExample, messageExample } from './case-examples.ts';
import {
  CaseDocument,
  DocumentParams,
  DocumentQuery,
  Message,
  MessageList,
  NewMessage,
} from './case-schemas.ts';
import { aboutCase, caseFails, changeFails } from './cases.ts';
import { withBody } from './request-body.ts';
import { route, type Route } from './route.ts';

/** Documents and messages of a case. */
export function casePartRoutes(casework: Casework): readonly Route[] {
  return [
    addDocumentRoute(casework),
    getDocumentRoute(casework),
    removeDocumentRoute(casework),
    listMessagesRoute(casework),
    addMessageRoute(casework),
  ];
}

const documentFails = {
  ...changeFails,
  unsupported: 'this is no document that can be shown: send PDF, JPEG, PNG or plain text (UTF-8)',
  'too-large': 'scan.pdf: a document has at most 50 MiB',
} as const;

function addDocumentRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'addDocument',
    method: 'post',
    path: '/cases/:id/documents',
    action: 'case.edit',
    summary: 'Adds a document to a case',
    description: 'PDF, JPEG, PNG or plain text, known by its bytes.',
    query: DocumentQuery,
    body: 'The file, byte for byte.',
    answer: made(CaseDocument, { description: 'It is kept.', example: documentExample }),
    fails: documentFails,
    respond: async ({ params: { id }, query: { name }, principal, req }) =>
      await withBody(req, (body) =>
        casework.documents.add(id, authorOf(principal), { name, kind: 'document' }, body),
      ),
  });
}

function getDocumentRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'getDocument',
    method: 'get',
    path: '/cases/:id/documents/:documentId',
    action: 'case.view',
    summary: 'A document of a case',
    description: 'Sent so that no browser runs anything in it.',
    params: DocumentParams,
    audit: { action: 'case.document', detail: ({ params }) => ({ document: params.documentId }) },
    answer: fileOf('Its bytes, compared with their SHA-256.'),
    fails: {
      ...caseFails,
      damaged: 'the document is not as it was added (its SHA-256 is wrong); add it again',
    },
    respond: async ({ params: { id, documentId }, principal }) => {
      const subject = await caseSubjectOf(casework.database, id);
      const isOfLaboratory = subject !== undefined && may(principal, 'case.edit', subject);
      const reader = { ...authorOf(principal), isOfLaboratory };
      const { document, bytes } = await casework.documents.read(id, documentId, reader);
      return { bytes, mediaType: document.mediaType, name: document.name };
    },
  });
}

function removeDocumentRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'removeDocument',
    method: 'delete',
    path: '/cases/:id/documents/:documentId',
    action: 'case.edit',
    summary: 'Takes a document out of a case',
    params: DocumentParams,
    audit: {
      action: 'case.change',
      detail: ({ params }) => ({ route: 'removeDocument', document: params.documentId }),
    },
    answer: done('It is out of the case.'),
    fails: { ...caseFails, 'not-found': 'the case has no such document' },
    respond: async ({ params: { id, documentId }, principal }) =>
      await casework.documents.remove(id, documentId, authorOf(principal)),
  });
}

function listMessagesRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'listMessages',
    method: 'get',
    path: '/cases/:id/messages',
    action: 'case.view',
    summary: 'What was said about a case, oldest first',
    audit: { none: 'whoever reads the messages has opened the case, which is a row' },
    answer: json(MessageList, {
      description: 'All messages.',
      cache: 'no-store',
      example: { messages: [messageExample] },
    }),
    fails: caseFails,
    respond: async ({ params, principal }) => ({
      messages: [...(await casework.messages.list(params.id, authorOf(principal)))],
    }),
  });
}

function addMessageRoute(casework: Casework): Route {
  return route({
    ...aboutCase(casework),
    name: 'addMessage',
    method: 'post',
    path: '/cases/:id/messages',
    action: 'case.discuss',
    summary: 'Says something about a case, and where on a slide',
    json: NewMessage,
    answer: made(Message, { description: 'Said.', example: messageExample }),
    fails: caseFails,
    respond: async ({ params, body, principal }) =>
      await casework.messages.add(params.id, authorOf(principal), body),
  });
}
