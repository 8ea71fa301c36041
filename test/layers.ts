import { posix } from 'node:path';
import { parseSync } from 'vite';

/** A source file: its path from the root of the project, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const storage = ['src/core'];
const db = ['src/storage', ...storage];
const pyramid = ['src/formats', 'src/storage', 'src/core'];
const tiles = ['src/pyramid', 'src/auth', 'src/audit', 'src/db', ...pyramid];
const ingest = ['src/tiles', ...tiles];
const operation = ['src/ingest', ...ingest];
const routes = ['src/cases', 'src/operation', ...operation];
// Runs on a scanner's computer and speaks HTTP only: of the service it knows how slides are read, and nothing else.
const uploadClient = ['src/formats', 'src/storage', 'src/core'];
const commands = [
  'src/upload-client',
  'src/main.ts',
  'src/supervisor',
  'src/config.ts',
  'samples',
  'src/routes',
  ...routes,
];

/** What each part may import beside itself: the list in ARCHITECTURE.md, read downwards. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/core': [],
  'src/storage': storage,
  'src/db': db,
  'src/formats': ['src/storage', 'src/core'],
  'src/pyramid': pyramid,
  'src/audit': ['src/db', ...db],
  'src/auth': ['src/audit', 'src/db', ...db],
  'src/tiles': tiles,
  'src/ingest': ingest,
  'src/cases': ['src/ingest', ...ingest],
  'src/operation': operation,
  'src/routes': routes,
  'src/upload-client': uploadClient,
  'src/environment.ts': [],
  'src/config.ts': ['src/environment.ts', 'src/storage', 'src/core'],
  'src/listening.ts': ['src/config.ts', 'src/auth', 'src/core'],
  'src/configured.ts': ['src/config.ts', 'src/listening.ts', 'src/ingest', ...ingest],
  'src/main.ts': ['src/config.ts', 'src/configured.ts', 'src/listening.ts', 'src/routes', ...routes],
  // Looks after processes, whatever these do.
  'src/supervisor': ['src/core'],
  'src/commands': commands,
  'src/cli.ts': ['src/commands', ...commands],
  workers: ['src/pyramid', ...pyramid],
  samples: ['src/pyramid', ...pyramid],
  web: [],
  bench: ['test', 'src/cli.ts', 'src/commands', ...commands],
  test: ['src/cli.ts', 'src/commands', 'workers', 'bench', 'web', ...commands],
};

/** What the checks need of a syntax tree: nodes by type, and where they begin. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly source?: Node | null;
  readonly value?: unknown;
  readonly declaration?: Node | null;
}

/** Whether a file is a test, which may import whatever it tests with. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

/** Imports of our own files, as paths from the root: every spelling, types included. */
export function ownImports({ path, text }: SourceFile): string[] {
  const { program } = parse({ path, text });
  const found: string[] = [];
  for (const node of nodesOf(program)) {
    const isImport = /^(Import|Export(Named|All))Declaration$|^ImportExpression$|^TSImportType$/.test(
      node.type,
    );
    const target = isImport ? node.source?.value : undefined;
    if (typeof target === 'string' && target.startsWith('.'))
      found.push(posix.normalize(posix.join(posix.dirname(path), target)));
  }
  return found;
}

/** Imports that point up the list of layers, or into a folder that has no place in it. */
export function layerViolations(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => !isTest(path))
    .flatMap((file) => {
      const from = partOf(file.path);
      const allowed = mayImport[from];
      if (allowed === undefined) return [`${file.path}: ${from} has no place in the layers`];
      return ownImports(file)
        .filter((target) => isTest(target) || (partOf(target) !== from && !allowed.includes(partOf(target))))
        .map((target) => `${file.path} imports ${target}`);
    });
}

/** Circles of imports, each as the files along it. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map((file) => [file.path, ownImports(file)]));
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) return void cycles.push([...trail.slice(at), path].join(' → '));
    if (finished.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Exported declarations without a docstring right above them. */
export function undocumentedExports(file: SourceFile): string[] {
  const { program, comments } = parse(file);
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'));
  const isDocumented = ({ start }: Node) =>
    docs.some(({ end }) => end <= start && /^\s*(\/\/[^\n]*\s*)?$/.test(file.text.slice(end, start)));
  const body: readonly Node[] = program.body;
  return body
    .filter(({ type, declaration }) => /^Export(Named|Default)Declaration$/.test(type) && declaration)
    .filter((node) => !isDocumented(node))
    .map(({ start }) => {
      const line = file.text.slice(0, start).split('\n').length;
      return `${file.path}:${line} ${file.text.slice(start).split('\n', 1)[0]}`;
    });
}

/** The part of the project that a file belongs to. */
function partOf(path: string): string {
  const [top = '', second = '', third] = path.split('/');
  if (top !== 'src') return top;
  return third === undefined && !/\.tsx?$/.test(second) ? path : `src/${second}`;
}

/** @throws when the file does not parse */
function parse({ path, text }: SourceFile): ReturnType<typeof parseSync> {
  const parsed = parseSync(path, text);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return parsed;
}

/** Every node of a syntax tree. */
function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) yield value;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

/** Whether a value of a syntax tree is a node. */
function isNode(value: object): value is Node {
  return 'type' in value && typeof value.type === 'string' && 'start' in value;
}
