import type { Adapter } from 'lowdb';
import { seal, unseal, valueOf } from './codec.ts';
import { replaceFile, type Disk } from './disk.ts';
import { missing, StoreError } from './store-error.ts';

/** The format of the stores that this program makes, and the newest that it can read. */
export const FORMAT = 1;

/** How a document becomes the text of a JSON object, and back. */
export interface Form<T> {
  print(data: T): string;
  parse(object: string): T;
}

/**
 * A lowdb adapter for a small document that is replaced as a whole: a crash leaves the old one or
 * the new one, and what was written is forced. Its last field is a crc over the rest, so damage and
 * changes by hand are noticed. A missing file is an error here, never the default data.
 */
export class JsonFile<T extends { readonly format: number }> implements Adapter<T> {
  readonly path: string;
  readonly #disk: Disk;
  readonly #form: Form<T>;
  #bytes = 0;

  /** @param form JSON on one line unless told */
  constructor(disk: Disk, path: string, form?: Form<T>) {
    this.#disk = disk;
    this.path = path;
    this.#form = form ?? { print: JSON.stringify, parse: valueOf };
  }

  /** The size of the file in bytes, as last read or written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws StoreError when the file is missing or damaged, or its format is too new */
  async read(): Promise<T> {
    const bytes = await this.#disk.read(this.path);
    if (bytes === undefined) throw missing(this.path);
    this.#bytes = bytes.length;
    const unsealed = unseal(Buffer.from(bytes).toString().trimEnd());
    if (!unsealed) {
      throw new StoreError(
        `${this.path} is damaged, its crc does not match its content: ` +
          'restore the store from a backup',
      );
    }
    const { format } = valueOf<{ format: number }>(unsealed.object);
    if (format > FORMAT) {
      throw new StoreError(
        `${this.path} has format ${format}, and this program knows formats up to ${FORMAT}: ` +
          'start the newer version that wrote it',
      );
    }
    return this.#form.parse(unsealed.object);
  }

  async write(data: T): Promise<void> {
    const bytes = Buffer.from(`${seal(this.#form.print(data))}\n`);
    await replaceFile(this.#disk, this.path, bytes);
    this.#bytes = bytes.length;
  }
}
