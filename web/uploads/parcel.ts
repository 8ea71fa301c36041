/** A file, and where it lay in what was dropped or chosen: `case 7/slide.mrxs`. */
export interface PlacedFile {
  readonly path: string;
  readonly file: File;
  /** How the file can be opened again after the page is reloaded, where the browser has that. */
  readonly handle?: FileSystemFileHandle | undefined;
}

/** What is sent as one slide: a file, or several that belong together. */
export interface Parcel {
  readonly name: string;
  /** All of its bytes, files one behind the other. */
  readonly bytes: Blob;
  /** The files, where there are several; paths are relative to the slide's own folder. */
  readonly files?: readonly { readonly path: string; readonly size: number }[];
  readonly handle?: FileSystemFileHandle | undefined;
}

/** Files that systems leave in folders, which belong to no slide. */
const litter = /^(\..*|Thumbs\.db|desktop\.ini)$/i;
const dicomName = /\.(dcm|dicom)$/i;

/** One file as a parcel. */
export function parcelOf({ file, handle }: PlacedFile): Parcel {
  return { name: file.name, bytes: file, handle };
}

/**
 * Sorts files into slides: an MRXS with the folder of its name, a folder of DICOM files, and each other file by itself.
 *
 * @returns slides in the order in which their first files came
 */
export function parcelsOf(files: readonly PlacedFile[]): Parcel[] {
  const wanted = files.filter(({ path }) => !path.split('/').some((part) => litter.test(part)));
  const groups = new Map<string, PlacedFile[]>();
  const stems = wanted.filter(({ path }) => /\.mrxs$/i.test(path)).map(({ path }) => path.slice(0, -5));
  for (const placed of wanted) {
    const key = groupOf(placed.path, stems);
    groups.set(key, [...(groups.get(key) ?? []), placed]);
  }
  return [...groups].map(([key, members]) => {
    const [only] = members;
    if (only !== undefined && members.length === 1) return parcelOf(only);
    return severalAsOne(key, members);
  });
}

/** What a file belongs to: files of one key are one slide. */
function groupOf(path: string, mrxsStems: readonly string[]): string {
  const stem = mrxsStems.find(
    (one) => path.startsWith(`${one}/`) || path.toLowerCase() === `${one}.mrxs`.toLowerCase(),
  );
  if (stem !== undefined) return `${stem}.mrxs`;
  const folder = folderOf(path);
  return folder !== '' && dicomName.test(path) ? `${folder}/` : path;
}

function severalAsOne(key: string, members: readonly PlacedFile[]): Parcel {
  const own = key.replace(/\/$/, '');
  // What the lab sees of it: the MRXS, or the folder of the series.
  const name = own.slice(own.lastIndexOf('/') + 1);
  const root = key.endsWith('/') ? own : folderOf(own);
  const sorted = members.toSorted((a, b) => order(a, key) - order(b, key) || (a.path < b.path ? -1 : 1));
  const files = sorted.map(({ path, file }) => ({
    path: root === '' ? path : path.slice(root.length + 1),
    size: file.size,
  }));
  return { name, bytes: new Blob(sorted.map(({ file }) => file)), files };
}

/** The file that gives the slide its name comes first. */
function order({ path }: PlacedFile, key: string): number {
  return path === key ? 0 : 1;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
