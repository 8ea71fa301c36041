import { render, type ComponentChild, type ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { linkToken } from './api/request.ts';
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

/** Pages that few visits need come in files of their own, too. */
const pageLoaders: Readonly<Record<string, () => Promise<LoadedPage>>> = {
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
  const isByLink = usePath().startsWith('/view/') && linkToken() !== undefined;
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
        {(Viewer) => <Viewer id={id} onBack={() => goTo(pages.slides)} />}
      </Loaded>
    );
  if (path === pages.compare)
    return (
      <Loaded key={path} load={loadCompare} what="The comparison">
        {(Compare) => <Compare />}
      </Loaded>
    );
  const load = pageLoaders[path];
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

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element #app');
render(<App />, root);
