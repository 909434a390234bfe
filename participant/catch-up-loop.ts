import { TransportError } from '../http/transport.ts';
import { askCoordinator, type AskOptions } from './ask-coordinator.ts';
import type { Incoming, Membership } from './participant.ts';
import { owed } from './protocol.ts';
import type { Watermark } from './records.ts';
import { archivedOf, parseDecisionList, type Missed } from './replies.ts';
import { compareIds, partsOf, type State } from './state.ts';

/** Transfers on one page: no larger than a reply may be, if each has 100 legs here and back. */
const limit = 100;

/** For one page, which the coordinator may have to read from all of its log. Milliseconds. */
const pageTimeoutMs = 60_000;

/** What no page can be read of, and why. */
class Unanswered extends Error {}

/**
 * Brings an old copy of a store up to what the coordinator knows of it (PROTOCOL.md, restored and
 * lost stores). It may be broken off anywhere, and begun again.
 * @returns undefined when that is done, else why it could not be
 */
export async function catchUp(
  options: AskOptions,
  { name, coordinator: { store } }: Membership,
): Promise<string | undefined> {
  const { participant, logger } = options;
  // What they hold back might be what the others need.
  for (const branch of owed(participant.state)) {
    if (branch.coordinator.store !== store) continue;
    const heard = await askCoordinator(options, branch);
    if (heard !== 'heard') return heard.failure;
  }
  const pending: Missed[] = [];
  let committed: Missed[] = [];
  let waiting: Missed[] = [];
  let applied = 0;
  let settled: Watermark | undefined;
  try {
    for await (const { items, watermark, isLast } of pages(options, name, store)) {
      if (isLast) settled = watermark;
      pending.push(...items.filter(({ timestamp }) => timestamp === undefined));
      committed.push(...items.filter(({ timestamp }) => timestamp !== undefined));
      // Whatever begins later commits above what was durable when the last of these began.
      const sure = isLast ? Infinity : (items.at(-1)?.lowerTs ?? 0);
      const due = committed.filter(({ timestamp = 0 }) => timestamp <= sure);
      committed = committed.filter(({ timestamp = 0 }) => timestamp > sure);
      applied += due.length;
      waiting = await applyInAnyOrder(options, [
        ...waiting,
        ...due.toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0)),
      ]);
    }
    await apply(options, waiting, true);
  } catch (error) {
    if (!(error instanceof TransportError || error instanceof Unanswered)) throw error;
    return error.message;
  }
  const refused = await apply(options, pending);
  if (refused.length > 0) {
    return `${refused.length} transfers that are under way cannot be promised again`;
  }
  // What this store has refused or heard to be aborted is lost: late messages must not find it new.
  if (settled && !options.stopped()) await participant.settle({ store, watermark: settled });
  const counts = { participant: name, committed: applied, pending: pending.length };
  logger.warn(counts, `${name} has heard of ${applied + pending.length} transfers again`);
  return undefined;
}

/**
 * Timestamps need not be the order in which an account has seen its transfers: what one of them
 * spends may have come with another. @returns what does not fit, whatever comes first
 */
async function applyInAnyOrder(options: AskOptions, missed: readonly Missed[]): Promise<Missed[]> {
  let [left, before] = [missed, Infinity];
  while (left.length > 0 && left.length < before) {
    before = left.length;
    left = await apply(options, left);
  }
  return [...left];
}

/**
 * @param isLast nothing else is missing: what cannot be booked now is damage
 * @returns what was refused: it may be booked later
 */
async function apply(
  { participant, logger, stopped }: AskOptions,
  missed: readonly Missed[],
  isLast = false,
): Promise<Missed[]> {
  if (missed.length === 0 || stopped()) return [];
  const events = missed.map((item): Incoming => ({ type: 'catch-up', ...item, isLast }));
  const { replies } = await participant.receive(events);
  for (const reply of replies) {
    if (!('damage' in reply)) continue;
    const { id, damage } = reply;
    const text = `${id} was committed, and cannot be booked any more`;
    logger.error({ transferId: id, damage }, text);
  }
  const refused = new Set(replies.flatMap((reply) => ('refused' in reply ? reply.id : [])));
  return missed.filter(({ id }) => refused.has(id));
}

async function* pages(options: AskOptions, name: string, store: string) {
  const { participant, uplink, keys } = options;
  const after = startOf(participant.state, store);
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({
      participant: name,
      limit: String(limit),
      ...(after !== undefined && { after }),
      ...(cursor && { cursor }),
    });
    const { status, body, from } = await uplink.ask(`/decisions?${query.toString()}`, {
      method: 'GET',
      timeoutMs: pageTimeoutMs,
      keys: keys(),
    });
    const page = parseDecisionList(status, body);
    if (page?.store !== store || options.stopped()) {
      const archive = archivedOf(body);
      const where = archive === undefined ? '' : `; put back what was moved to ${archive}`;
      const what = `the coordinator at ${from} answered ${status}, and no page`;
      throw new Unanswered(what + where);
    }
    cursor = page.nextCursor;
    yield { items: page.items, watermark: page.watermark, isLast: cursor === null };
  } while (cursor !== null);
}

/** The id behind which something may be missing here; undefined: from the first transfer on. */
export function startOf(
  { watermarks }: Pick<State, 'watermarks'>,
  store: string,
): string | undefined {
  const mark = watermarks.get(store);
  if (!mark) return undefined;
  const border = `${store}-${mark.epoch}-${mark.seq}`;
  const [lowest = border] = [border, ...mark.except].sort(compareIds);
  const { epoch, number } = partsOf(lowest);
  if (number > 1) return `${store}-${epoch}-${number - 1}`;
  // Above every number of the epoch before.
  return epoch > 1 ? `${store}-${epoch - 1}-999999999999999` : undefined;
}
