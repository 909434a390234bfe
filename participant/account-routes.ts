import { readCursor, writeCursor } from '../http/cursor.ts';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import type { Place } from './archive.ts';
import type { Account, Opened } from './ledger.ts';
import { answer, list, type ListQuery } from './lists.ts';
import type { Participant } from './participant.ts';

type NewAccount = Omit<Opened, 'type' | 'at' | 'minimum'> & { minimum?: number };

/** The accounts: what they have, and what has happened to them. */
export function accountRoutes(participant: Participant): Record<string, Handler> {
  const { ledger } = participant;
  const freeze = (frozen: boolean): Handler =>
    async function ({ params, body }) {
      const { id } = params as { id: string };
      const { reason } = body as { reason?: string };
      return found(id, await participant.freeze(id, frozen, reason));
    };
  return {
    listAccounts(request) {
      const { currency, frozen, ...query } = request.query as ListQuery & {
        currency?: string;
        frozen?: boolean;
      };
      const isWanted = (account: Account) =>
        (currency === undefined || account.currency === currency) &&
        (frozen === undefined || account.frozen === frozen);
      const all = [...ledger.accounts()];
      const filter = { list: 'accounts', currency, frozen };
      const after = (last: string) => {
        const place = all.findIndex(({ id }) => id === last);
        return place < 0 ? undefined : all.slice(place + 1).filter(isWanted);
      };
      return list(participant, { query, items: all.filter(isWanted), filter, after });
    },
    async openAccount(request) {
      const { id, currency, balance, minimum = 0 } = request.body as NewAccount;
      if (balance < minimum) {
        const detail = `must be at least the minimum, ${minimum}`;
        const errors = [{ in: 'body' as const, pointer: '/balance', detail }];
        return problem('invalid-request', { errors });
      }
      const account = await participant.openAccount({ id, currency, balance, minimum });
      if (!account) return problem('account-exists', { detail: `account ${id} is open` });
      return { status: 201, body: account, headers: { location: `/accounts/${id}` } };
    },
    getAccount(request) {
      const { id } = request.params as { id: string };
      return answer(participant, found(id, ledger.account(id)));
    },
    freezeAccount: freeze(true),
    unfreezeAccount: freeze(false),
    async listEntries(request) {
      const { id } = request.params as { id: string };
      const { limit = 20, cursor } = request.query as ListQuery;
      if (!ledger.account(id)) return found(id, undefined);
      const filter = { account: id };
      const from = cursor === undefined ? undefined : readPlace(readCursor(cursor, filter));
      if (from === null) return problem('invalid-cursor');
      const { lines, next, archivedTo } = await participant.statement(id, limit, from);
      const nextCursor = next && writeCursor(filter, `${next.position}.${next.shown}`);
      const page = { nextCursor, ...(archivedTo !== undefined && { archivedTo }) };
      return { status: 200, body: { data: lines, page } };
    },
  };
}

function found(id: string, account: Account | undefined): Answer {
  if (!account) return problem('account-not-found', { detail: `no account ${id}` });
  return { status: 200, body: account };
}

function readPlace(after: string | undefined): Place | null {
  const [, position, shown] = /^(\d{1,15})\.(\d{1,3})$/.exec(after ?? '') ?? [];
  return position === undefined ? null : { position: Number(position), shown: Number(shown) };
}
