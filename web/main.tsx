import { render, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useUploads } from './list/use-uploads.ts';
import { SlideList } from './slide-list.tsx';
import './styles/base.css';

type ViewerPage = ComponentType<{ id: string; onBack: () => void }>;

/** The viewer and OpenSeadragon come in a file of their own, asked for when the first slide is about to be opened. */
const loadViewer = (): Promise<ViewerPage> => import('./viewer.tsx').then((module) => module.default);

/** Has the viewer ready when the slide is opened; if that fails, opening it says so. */
function fetchViewerAhead(): void {
  loadViewer().catch((error: unknown) => console.warn('the viewer was not fetched ahead', error));
}

/** The whole page: the list at `/`, a slide at `/view/<id>`. */
function App() {
  const [path, setPath] = useState(location.pathname);
  const sending = useUploads();
  useEffect(() => {
    const follow = () => setPath(location.pathname);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = (to: string) => {
    history.pushState(null, '', to);
    setPath(to);
  };
  const id = /^\/view\/([^/]+)$/.exec(path)?.[1];
  if (id === undefined)
    return (
      <SlideList
        sending={sending}
        onOpen={(slideId) => go(`/view/${slideId}`)}
        onAboutToOpen={fetchViewerAhead}
      />
    );
  return <LoadedViewer key={id} id={id} onBack={() => go('/')} />;
}

function LoadedViewer({ id, onBack }: { id: string; onBack: () => void }) {
  const [viewer, setViewer] = useState<{ readonly Page: ViewerPage }>();
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    loadViewer().then(
      (Page) => setViewer({ Page }),
      () => setFailed(true),
    );
  }, []);
  if (viewer !== undefined) return <viewer.Page id={id} onBack={onBack} />;
  if (!hasFailed) return null;
  return (
    <div class="notice" role="alert">
      <h1>The viewer could not be loaded</h1>
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
