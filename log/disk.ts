import { mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { tryLock } from 'fs-native-extensions';

/**
 * Everything that the log does to files goes through this, so that a test can pass a disk that
 * loses, tears, fails and fills. Every operation rejects with the system's error when it fails.
 */
export interface Disk {
  /**
   * The whole file, undefined when there is none.
   * @param spare what an earlier read gave and nobody needs: its memory may be taken
   */
  read(path: string, spare?: Uint8Array): Promise<Uint8Array | undefined>;
  /** The files in a folder with their sizes in bytes, undefined when there is no such folder. */
  list(folder: string): Promise<ReadonlyMap<string, number> | undefined>;
  /** How much more can be written into a folder, in bytes. */
  free(folder: string): Promise<number>;
  /** Makes a folder with its missing parents, and forces their entries. Harmless when it exists. */
  makeFolder(folder: string): Promise<void>;
  /** Writes a whole file and forces its content. Its entry is forced by `syncFolder`. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  /** Opens an existing file for writes in place. */
  open(path: string): Promise<DiskFile>;
  /** Renames over whatever is there. Forced by `syncFolder`. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file that is there. Forced by `syncFolder`. */
  remove(path: string): Promise<void>;
  /** Forces the entries of a folder: files created in it, renamed or removed. */
  syncFolder(folder: string): Promise<void>;
  /**
   * Locks a file (made when missing) until it is released or the process dies, and writes `text`
   * into it. When another holds the lock: the text that it wrote.
   */
  tryLock(path: string, text: string): Promise<DiskLock | string>;
}

/** A file that is open for writes in place. */
export interface DiskFile {
  /** Writes all the bytes at a position, counted in bytes from the start. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Forces what was written: it returned, so it survives a power cut. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** A lock that is held. */
export interface DiskLock {
  release(): Promise<void>;
}

/**
 * Puts a whole file in the place of another: readers and crashes see the old one or the new one,
 * never a mixture and never none. Forced when it returns. A temporary file that a crash left
 * behind is overwritten by the next replacement.
 */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  await disk.create(temporary, bytes);
  await disk.rename(temporary, path);
  await disk.syncFolder(dirname(path));
}

/** The disk of this machine. */
export const systemDisk: Disk = {
  read: (path, spare) => unlessMissing(readWhole(path, spare)),

  async list(folder) {
    const names = await unlessMissing(readdir(folder));
    if (names === undefined) return undefined;
    const sizes = new Map<string, number>();
    for (const name of names) {
      // It may be gone since: renamed over another, or moved out of the store.
      const found = await unlessMissing(stat(join(folder, name)));
      if (found) sizes.set(name, found.size);
    }
    return sizes;
  },

  async free(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },

  async makeFolder(folder) {
    const path = resolve(folder);
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    // Each new folder is an entry in its parent, up to the parent that was there before.
    let parent = path;
    do {
      parent = dirname(parent);
      await this.syncFolder(parent);
    } while (parent !== dirname(first));
  },

  async create(path, bytes) {
    const file = await open(path, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  },

  async open(path) {
    const file = await open(path, 'r+');
    return {
      async write(bytes, position) {
        // One write may take only a part, for example when the disk is nearly full.
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await file.write(bytes, done, undefined, position + done);
          done += bytesWritten;
        }
      },
      datasync: () => file.datasync(),
      close: () => file.close(),
    };
  },

  rename: (from, to) => rename(from, to),

  remove: (path) => unlink(path),

  async syncFolder(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  async tryLock(path, text) {
    const file = await open(path, 'a+');
    if (!tryLock(file.fd)) {
      await file.close();
      return readFile(path, 'utf8');
    }
    await file.truncate();
    await file.write(text);
    return { release: () => file.close() };
  },
};

/** In one read, unless the system gives less; `readFile` makes eight of a segment. */
async function readWhole(path: string, spare?: Uint8Array): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const isEnough = spare && spare.buffer.byteLength >= size;
    const bytes = isEnough ? Buffer.from(spare.buffer) : Buffer.alloc(size);
    for (let done = 0; ;) {
      const { bytesRead } = await file.read(bytes, done, size - done, done);
      done += bytesRead;
      if (bytesRead === 0 || done === size) return bytes.subarray(0, done);
    }
  } finally {
    await file.close();
  }
}

async function unlessMissing<T>(outcome: Promise<T>): Promise<T | undefined> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
