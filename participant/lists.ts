import { readCursor, writeCursor } from '../http/cursor.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import { ArchivedError } from '../log/archived.ts';
import type { Participant } from './participant.ts';

/** What a client may ask of a list. */
export interface ListQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

interface List<Item> {
  readonly query: ListQuery;
  readonly items: readonly Item[];
  /** How an item of the page is shown; as it is unless told. */
  readonly view?: (item: Item) => object;
  /** Which list it is, and of what: a cursor goes on in the list that it was made for. */
  readonly filter: object;
  /** The items after one, which may have left the list; undefined if it was never in it. */
  readonly after: (last: string) => readonly Item[] | undefined;
}

/** Whatever an answer was computed from is durable before it leaves. */
export async function answer(participant: Participant, computed: Answer): Promise<Answer> {
  await participant.durable();
  return computed;
}

/** What an operation cannot say, as the records were moved elsewhere: it says where. */
export const orArchived =
  (handle: Handler): Handler =>
  async (request) => {
    try {
      return await handle(request);
    } catch (error) {
      if (!(error instanceof ArchivedError)) throw error;
      return problem('records-archived', { detail: error.message, archivedTo: error.to });
    }
  };

/** One page of a list; the cursor names the last item shown. */
export function list<Item extends { readonly id: string }>(
  participant: Participant,
  { query: { limit = 20, cursor }, items, view = (item) => item, filter, after }: List<Item>,
): Promise<Answer> {
  const last = cursor === undefined ? undefined : readCursor(cursor, filter);
  const rest = cursor === undefined ? items : last && after(last);
  if (!rest) return Promise.resolve(problem('invalid-cursor'));
  const page = rest.slice(0, limit);
  const shown = page.at(-1);
  const more = rest.length > limit && shown;
  const body = {
    data: page.map(view),
    page: { nextCursor: more ? writeCursor(filter, shown.id) : null },
  };
  return answer(participant, { status: 200, body });
}
