import type { PlacedFile } from './parcel.ts';

/** Files that one drop may bring; beyond, somebody dropped a disk. */
const mostFiles = 20_000;

/** What newer browsers know of a dropped thing. */
interface HandleItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/**
 * All files of a drop, those in folders too, with their paths.
 *
 * Must be called while the drop is handled: a browser forgets the rest afterwards.
 *
 * @throws {RangeError} when there are more than 20,000
 */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly PlacedFile[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const taken = items.map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
    handle: handleOf(item),
  }));
  const found: PlacedFile[] = [];
  for (const { entry, file, handle } of taken) {
    if (entry?.isDirectory === true) await addFolder(entry, found);
    else if (file !== null) found.push({ path: file.name, file, handle: await handle });
  }
  return found;
}

/** Files of a picker; those of a folder picker carry their paths. */
export function chosenFiles(list: FileList | null): readonly PlacedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function handleOf(item: DataTransferItem & HandleItem): Promise<FileSystemFileHandle | undefined> {
  try {
    const handle = await item.getAsFileSystemHandle?.();
    return handle instanceof FileSystemFileHandle ? handle : undefined;
  } catch (error) {
    // Some systems refuse handles for some places; the file itself is there all the same.
    console.warn('the file will have to be chosen again after a reload', error);
    return undefined;
  }
}

async function addFolder(entry: FileSystemEntry, found: PlacedFile[]): Promise<void> {
  if (found.length > mostFiles) throw new RangeError(`More than ${mostFiles} files were dropped.`);
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ''), file });
  } else if (isFolder(entry)) {
    const reader = entry.createReader();
    // A reader gives a part of a folder at a time, and nothing at its end.
    for (let some = await entriesOf(reader); some.length > 0; some = await entriesOf(reader))
      for (const one of some) await addFolder(one, found);
  }
}

function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
