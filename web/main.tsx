import { render, type ComponentChild, type ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { GuestInfo } from './api/guest.ts';
import { linkToken } from './api/request.ts';
import { caseInUrl } from './case/case-words.ts';
import { GuestFrame } from './case/guest-frame.tsx';
import { Frame, Page } from './frame/frame.tsx';
import { goTo, pages, usePath } from './frame/router.ts';
import { Toasts } from './frame/toast.tsx';
import { useUploads, type Uploads } from './list/use-uploads.ts';
import { PreferencesProvider } from './preferences/preferences.tsx';
import { Guard } from './session/guard.tsx';
import { rightsOf } from './session/rights.ts';
import { SessionContext, useSession, useSessionDoor } from './session/session.ts';
import { useSending } from './session/use-sending.ts';
import { SlideList } from './slide-list.tsx';
import { isUnderWay } from './uploads/upload.ts';
import './styles/base.css';

type ViewerPage = ComponentType<{ id: string; onBack: () => void }>;
type LoadedPage = ComponentType;

/** The viewer and OpenSeadragon come in a file of their own, asked for when the first slide is about to be opened. */
const loadViewer = (): Promise<ViewerPage> => import('./viewer.tsx').then((module) => module.default);

/** Slides side by side; with the viewer's own parts in files that both share. */
const loadCompare = (): Promise<ComponentType> =>
  import('./compare/compare-page.tsx').then((module) => module.default);

/** Where the link to a case leads. */
const consultPath = '/consult';
const loadConsult = (): Promise<LoadedPage> =>
  import('./case/consult-page.tsx').then((module) => module.default);

/** The page of one case. */
const loadCase = (): Promise<LoadedPage> => import('./case/case-page.tsx').then((module) => module.default);

/** Where anybody verifies a report, signed in or not. */
const verifyPath = '/verify';
const loadVerify = (): Promise<LoadedPage> =>
  import('./verify/verify-page.tsx').then((module) => module.default);

/** Pages that few visits need come in files of their own, too. */
const pageLoaders: Readonly<Record<string, () => Promise<LoadedPage>>> = {
  [pages.cases]: () => import('./case/worklist-page.tsx').then((module) => module.default),
  [pages.account]: () => import('./account/account-page.tsx').then((module) => module.default),
  [pages.people]: () => import('./people/people-page.tsx').then((module) => module.default),
  [pages.organisations]: () => import('./people/organisations-page.tsx').then((module) => module.default),
  [pages.audit]: () => import('./audit/audit-page.tsx').then((module) => module.default),
  [pages.deleted]: () => import('./deleted/deleted-page.tsx').then((module) => module.default),
  [pages.operation]: () => import('./operation/operation-page.tsx').then((module) => module.default),
};

/** Has the viewer ready when the slide is opened; if that fails, opening it says so. */
function fetchViewerAhead(): void {
  loadViewer().catch((error: unknown) => console.warn('the viewer was not fetched ahead', error));
}

/** The whole page: who looks at it, and what is theirs. */
function App() {
  const door = useSessionDoor();
  const owner = useRef('');
  if (door.visitor.kind === 'person') owner.current = door.visitor.me.accountId;
  return (
    <SessionContext.Provider value={door}>
      <Toasts>
        <PreferencesProvider key={owner.current} accountId={owner.current || undefined}>
          <OnesOwn key={owner.current} />
        </PreferencesProvider>
      </Toasts>
    </SessionContext.Provider>
  );
}

/** One person's slides on their way, which outlive their session, and the pages they may see. */
function OnesOwn() {
  const sending = useUploads();
  const { queue, isPaused, uploads } = sending;
  useSending(!isPaused && uploads.some(isUnderWay));
  // Who comes next sends nothing of it.
  useEffect(() => () => queue.pauseAll(true), [queue]);
  const path = usePath();
  if (path === consultPath)
    return (
      <Loaded key={path} load={loadConsult} what="The case">
        {(Consult) => <Consult />}
      </Loaded>
    );
  if (path === verifyPath)
    return (
      <Loaded key={verifyPath} load={loadVerify} what="The page">
        {(Shown) => <Shown />}
      </Loaded>
    );
  const isByLink = path.startsWith('/view/') && linkToken() !== undefined;
  if (isByLink) return <Pages sending={sending} />;
  return (
    <Guard>
      <Pages sending={sending} />
    </Guard>
  );
}

/** The list at `/`, a slide at `/view/<id>`, and the pages around them. */
function Pages({ sending }: { sending: Uploads }) {
  const path = usePath();
  const { visitor } = useSession();
  const id = /^\/view\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined)
    return (
      <Loaded key="viewer" load={loadViewer} what="The viewer">
        {(Viewer) => <Viewer id={id} onBack={backFromViewer} />}
      </Loaded>
    );
  if (path === pages.compare)
    return (
      <Loaded key={path} load={loadCompare} what="The comparison">
        {(Compare) => <Compare />}
      </Loaded>
    );
  if (visitor.kind === 'guest') return <GuestPages guest={visitor.guest} />;
  const load = path.startsWith('/case/') ? loadCase : pageLoaders[path];
  if (load !== undefined)
    return (
      <Frame>
        <Loaded key={path} load={load} what="The page">
          {(Shown) => <Shown />}
        </Loaded>
      </Frame>
    );
  return (
    <Frame>
      {rightsOf(visitor).seesSlides ? (
        <SlideList
          sending={sending}
          onOpen={(slideId) => goTo(`/view/${slideId}`)}
          onAboutToOpen={fetchViewerAhead}
        />
      ) : (
        <Page title="Welcome">
          <p>Your account runs the service and sees no slides. What you can do is in the bar above.</p>
        </Page>
      )}
    </Frame>
  );
}

/** From a slide back to its case, or to all slides. */
function backFromViewer(): void {
  const id = caseInUrl();
  goTo(id === undefined ? pages.slides : `/case/${id}`);
}

/** The one page of who came by the link to a case. */
function GuestPages({ guest }: { guest: GuestInfo }) {
  const path = usePath();
  const own = `/case/${guest.caseId}`;
  useEffect(() => {
    if (path !== own) goTo(own);
  }, [path, own]);
  if (path !== own) return null;
  return (
    <GuestFrame guest={guest}>
      <Loaded key={own} load={loadCase} what="The case">
        {(Shown) => <Shown />}
      </Loaded>
    </GuestFrame>
  );
}

interface LoadedProps<T> {
  readonly load: () => Promise<T>;
  readonly what: string;
  readonly children: (part: T) => ComponentChild;
}

/** A part of the page that comes in a file of its own. */
function Loaded<T>({ load, what, children }: LoadedProps<T>) {
  const [loaded, setLoaded] = useState<{ readonly part: T }>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    load().then(
      (part) => setLoaded({ part }),
      () => setFailed(true),
    );
  }, []);
  if (loaded !== undefined) return <>{children(loaded.part)}</>;
  if (!hasFailed) return null;
  return (
    <div class="notice" role="alert">
      <h1>{`${what} could not be loaded`}</h1>
      <p>Check the network connection.</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        Try again
      </button>
    </div>
  );
}

// An address of a slide: the viewer comes beside the question who is signed in, not after its answer.
if (location.pathname.startsWith('/view/')) fetchViewerAhead();

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element #app');
render(<App />, root);
