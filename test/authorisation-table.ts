import type { Action } from '../src/auth/policy.ts';
import type { Role, Scope } from '../src/auth/principal.ts';

/** What every route does, written by hand: a route that is not here has not been thought about. */
export const actionOf: Readonly<Record<string, Action>> = {
  getHealth: 'open',
  getReadiness: 'open',
  getMetrics: 'operation.read',
  getOperation: 'operation.read',
  getApiDocument: 'open',
  getApiPage: 'open',
  listSlides: 'slide.list',
  addSlide: 'slide.add',
  getSlide: 'slide.view',
  getSlideArrival: 'slide.view',
  getSlideVerification: 'slide.view',
  getSlideTile: 'slide.view',
  getDeepZoomTile: 'slide.view',
  getPlaneTile: 'slide.view',
  getPlaneDeepZoomTile: 'slide.view',
  getPlaneDeepZoom: 'slide.view',
  getThumbnail: 'slide.view',
  getScannerThumbnail: 'slide.view',
  getAssociatedImage: 'slide.label',
  getDeepZoom: 'slide.view',
  getIccProfile: 'slide.view',
  startUpload: 'slide.add',
  createUpload: 'slide.add',
  getUploadCapabilities: 'open',
  listUploads: 'upload.use',
  getUpload: 'upload.use',
  nameUploadHash: 'upload.use',
  cancelUpload: 'upload.use',
  getSpanOffset: 'upload.use',
  sendSpan: 'upload.use',
  cancelSpan: 'upload.use',
  startImport: 'import.add',
  listImports: 'import.add',
  retrySlide: 'job.manage',
  cancelSlide: 'job.manage',
  setUrgency: 'job.manage',
  listShares: 'slide.share',
  addShare: 'slide.share',
  endShare: 'slide.share',
  listLinks: 'slide.link',
  addLink: 'slide.link',
  withdrawLinks: 'slide.link',
  withdrawLink: 'slide.link',
  startExport: 'slide.export',
  listExports: 'slide.export',
  getExportFile: 'slide.export',
  removeExport: 'slide.export',
  listAnnotations: 'annotation.read',
  changeAnnotations: 'annotation.write',
  removeAnnotation: 'annotation.remove',
  exportAnnotations: 'annotation.read',
  importAnnotations: 'annotation.write',
  getCoverage: 'slide.view',
  keepCoverage: 'slide.view',
  getSession: 'open',
  signIn: 'open',
  signInToDemo: 'open',
  signOut: 'open',
  changePassword: 'password',
  beginSecondFactor: 'credentials',
  confirmSecondFactor: 'credentials',
  removeSecondFactor: 'credentials',
  listTokens: 'credentials',
  addToken: 'credentials',
  deleteToken: 'credentials',
  getPreference: 'account',
  setPreference: 'account',
  listPeople: 'people.manage',
  addPerson: 'people.manage',
  changePerson: 'people.manage',
  resetPassword: 'people.manage',
  listOrganisations: 'organisation.manage',
  addOrganisation: 'organisation.manage',
  listAudit: 'audit.read',
  exportAudit: 'audit.read',
  deleteSlide: 'slide.delete',
  restoreSlide: 'slide.restore',
  purgeSlide: 'slide.purge',
  listDeletedSlides: 'slide.restore',
  listCertificates: 'slide.purge',
  getCertificate: 'slide.purge',
  getCertificatePage: 'slide.purge',
  getStorageUse: 'storage.read',
  listCases: 'case.list',
  countCases: 'case.list',
  addCase: 'case.add',
  getCase: 'case.view',
  changeCase: 'case.edit',
  moveCase: 'case.view',
  discardCase: 'case.edit',
  setCaseSlides: 'case.edit',
  askAboutCase: 'case.ask',
  endAsking: 'case.ask',
  addDocument: 'case.edit',
  getDocument: 'case.view',
  removeDocument: 'case.edit',
  listMessages: 'case.view',
  addMessage: 'case.discuss',
  listLive: 'case.view',
  listNotifications: 'case.list',
  readNotifications: 'case.list',
  getOpinionDraft: 'case.answer',
  saveOpinionDraft: 'case.answer',
  addFigure: 'case.answer',
  listOpinions: 'case.view',
  signOpinion: 'case.answer',
  getReport: 'case.view',
  verifyCode: 'open',
  verifyReport: 'open',
  exportCase: 'case.export',
  getCapsuleSize: 'case.export',
  getCaseInFhir: 'case.export',
  importCase: 'case.add',
  getCaseOrigin: 'case.view',
  getImportedReport: 'case.view',
  lookAtLink: 'open',
  enterByLink: 'open',
  getGuest: 'open',
  leaveCase: 'open',
};

/** Who may do something. */
export interface Rights {
  readonly roles: readonly Role[];
  /** What an API token needs; `none`: no token will do. */
  readonly scope: Scope | 'any' | 'none';
  /** Whether the roles have it in an organisation that a slide is shared with, too. */
  readonly shared?: true;
  /** Whether it takes the person to whom a thing belongs, and not a colleague. */
  readonly own?: true;
  /** Whether the holder of a link has it, on that link's slide. */
  readonly link?: true;
  /** Whether the roles have it on a case that their organisation is asked about, too; `only`: on no other. */
  readonly asked?: true | 'only';
  /** Whether who came by a link to our own case has it, on that case and its slides. */
  readonly guest?: true;
  /** Whether somebody has it who signed in with a one-time password. */
  readonly oneTime?: true;
}

const everyone = ['lab', 'pathologist', 'administrator', 'operator'] as const;
const clinical = ['lab', 'pathologist', 'administrator'] as const;
const staff = ['lab', 'administrator'] as const;

/** By action, written by hand and not computed from the policy; `open` takes nobody in particular. */
export const rightsTo: Readonly<Record<Exclude<Action, 'open'>, Rights>> = {
  account: { roles: everyone, scope: 'any' },
  credentials: { roles: everyone, scope: 'none' },
  password: { roles: everyone, scope: 'none', oneTime: true },
  'slide.list': { roles: clinical, scope: 'read' },
  'slide.view': { roles: clinical, scope: 'read', shared: true, link: true, guest: true },
  'slide.label': { roles: clinical, scope: 'read' },
  'slide.add': { roles: clinical, scope: 'upload' },
  'slide.change': { roles: staff, scope: 'manage' },
  'slide.share': { roles: staff, scope: 'manage' },
  'slide.link': { roles: clinical, scope: 'manage' },
  'slide.export': { roles: clinical, scope: 'manage' },
  'slide.delete': { roles: staff, scope: 'manage' },
  'slide.restore': { roles: staff, scope: 'manage' },
  'slide.purge': { roles: ['administrator'], scope: 'manage' },
  'annotation.read': { roles: clinical, scope: 'read', shared: true, guest: true },
  'annotation.write': { roles: ['lab', 'pathologist'], scope: 'manage', shared: true, guest: true },
  'annotation.remove': { roles: ['administrator'], scope: 'manage' },
  'upload.use': { roles: clinical, scope: 'upload', own: true },
  'import.add': { roles: ['administrator'], scope: 'upload' },
  'job.manage': { roles: clinical, scope: 'manage' },
  'case.list': { roles: clinical, scope: 'read' },
  'case.add': { roles: clinical, scope: 'manage' },
  'case.view': { roles: clinical, scope: 'read', asked: true, guest: true },
  // Nobody is told of the patient in the matrix but the laboratory itself.
  'case.patient': { roles: clinical, scope: 'read' },
  'case.edit': { roles: clinical, scope: 'manage' },
  'case.ask': { roles: clinical, scope: 'manage' },
  'case.discuss': { roles: clinical, scope: 'manage', asked: true, guest: true },
  'case.answer': { roles: ['pathologist'], scope: 'manage', asked: 'only', guest: true },
  'case.export': { roles: clinical, scope: 'manage' },
  'storage.read': { roles: ['administrator', 'operator'], scope: 'read' },
  'people.manage': { roles: ['administrator'], scope: 'manage' },
  'audit.read': { roles: ['administrator'], scope: 'manage' },
  'organisation.manage': { roles: ['operator'], scope: 'manage' },
  'operation.read': { roles: ['operator'], scope: 'read' },
  'operation.manage': { roles: ['operator'], scope: 'manage' },
};

/** Who asks, in the matrix: all are of our own lab. */
export type Asker =
  | { readonly kind: 'nobody' | 'link' | 'guest' }
  | {
      readonly kind: 'person';
      readonly role: Role;
      readonly scopes?: readonly Scope[];
      readonly oneTime?: true;
    };

/** What a route is about: nothing in particular, or a thing and whose it is; a case that is `shared` is one we are asked about. */
export type Place = 'nothing' | 'own' | 'other' | 'shared' | 'absent';

/** Kinds of things that paths name; `deleted` is a slide that can be restored. */
export type Thing = 'slide' | 'deleted' | 'upload' | 'account' | 'certificate' | 'case';

/** `yes`, or the status of the policy's refusal. */
export type Verdict = 'yes' | '401' | '403' | '404';

/** What must be answered. */
export function verdictOn(asker: Asker, action: Action, place: Place, thing?: Thing): Verdict {
  if (action === 'open') return 'yes';
  if (asker.kind === 'nobody') return '401';
  if (has(asker, rightsTo[action], place)) return 'yes';
  if (place === 'nothing') return '403';
  // Who sees a slide is told that it is the action that is not for them; all else is as if it were not there.
  const isSlide = thing === 'slide' || (thing === 'deleted' && asker.kind === 'person');
  const isKnown =
    (isSlide && has(asker, rightsTo['slide.view'], place)) ||
    (thing === 'case' && has(asker, rightsTo['case.view'], place));
  return isKnown ? '403' : '404';
}

function has(asker: Asker, rights: Rights, place: Place): boolean {
  if (place === 'other' || place === 'absent') return false;
  if (asker.kind === 'guest') return rights.guest === true && place === 'own';
  if (asker.kind !== 'person') return asker.kind === 'link' && rights.link === true && place === 'own';
  if (asker.oneTime === true) return rights.oneTime === true;
  if (!rights.roles.includes(asker.role)) return false;
  if (asker.scopes !== undefined) {
    if (rights.scope === 'none') return false;
    if (rights.scope !== 'any' && !asker.scopes.includes(rights.scope)) return false;
  }
  // Uploads of the matrix are sent by lab staff.
  if (rights.own === true && place === 'own' && asker.role !== 'lab') return false;
  if (rights.asked === 'only' && place === 'own') return false;
  return place !== 'shared' || rights.shared === true || rights.asked !== undefined;
}
