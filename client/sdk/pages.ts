import type { Connection } from './connection.ts';
import { foreignAnswer } from './errors.ts';
import type { ListOf } from './shapes.ts';

/** A list without an end does not hang its reader. With one item a page, 10 000 000 items. */
const mostPages = 10_000_000;

/**
 * Every item of a list, page by page; the next page is asked for when its first item is.
 * @param onArchived is told at the end where what is older was moved to, if it was
 * @throws {ApiError} if a page cannot be read, or the list goes in a circle
 */
export async function* items<T>(
  { address }: Connection,
  readPage: (cursor: { cursor?: string }) => Promise<ListOf<T>>,
  onArchived?: (folder: string) => void,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const { data, page } = await readPage(cursor === undefined ? {} : { cursor });
    yield* data;
    if (page.nextCursor === null) {
      if (page.archivedTo !== undefined) onArchived?.(page.archivedTo);
      return;
    }
    if (page.nextCursor === cursor) break;
    cursor = page.nextCursor;
    // What cannot be sent back in a URL is no cursor of ours.
    if (!/^[\x21-\x7e]+$/.test(cursor)) throw foreignAnswer(address, 200, 'a list with no cursor');
  }
  throw foreignAnswer(address, 200, 'a list without an end');
}
