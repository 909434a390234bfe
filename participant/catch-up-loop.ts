import { TransportError } from '../http/transport.ts';
import { askCoordinator, type AskOptions } from './ask-coordinator.ts';
import type { Incoming, Membership } from './participant.ts';
import { owed } from './protocol.ts';
import { parseDecisionList, type Missed } from './replies.ts';
import { compareIds, partsOf, type State } from './state.ts';

/** Transfers on one page: as large as a reply may be, if each has 100 legs. */
const limit = 200;

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
  let applied = 0;
  try {
    for await (const { items, isLast } of pages(options, name, store)) {
      pending.push(...items.filter(({ timestamp }) => timestamp === undefined));
      committed.push(...items.filter(({ timestamp }) => timestamp !== undefined));
      // Whatever begins later commits above what was durable when the last of these began.
      const sure = isLast ? Infinity : (items.at(-1)?.lowerTs ?? 0);
      const due = committed.filter(({ timestamp = 0 }) => timestamp <= sure);
      committed = committed.filter(({ timestamp = 0 }) => timestamp > sure);
      await apply(
        options,
        due.toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0)),
      );
      applied += due.length;
    }
  } catch (error) {
    if (!(error instanceof TransportError || error instanceof Unanswered)) throw error;
    return error.message;
  }
  const refused = await apply(options, pending);
  if (refused > 0) return `${refused} transfers that are under way cannot be promised again`;
  const counts = { committed: applied, pending: pending.length };
  logger.warn(counts, `${name} has heard of ${applied + pending.length} transfers again`);
  return undefined;
}

/** How many were refused: they may still be committed, and what cannot be booked then is damage. */
async function apply(
  { participant, logger, stopped }: AskOptions,
  missed: readonly Missed[],
): Promise<number> {
  if (missed.length === 0 || stopped()) return 0;
  const events = missed.map((item): Incoming => ({ type: 'catch-up', ...item }));
  const { replies } = await participant.receive(events);
  for (const reply of replies) {
    if (!('damage' in reply)) continue;
    const { id, damage } = reply;
    logger.error({ transfer: id, damage }, `${id} was committed, and cannot be booked any more`);
  }
  return replies.filter((reply) => 'refused' in reply).length;
}

async function* pages(options: AskOptions, name: string, store: string) {
  const { participant, transport, coordinator, key } = options;
  const after = startOf(participant.state, store);
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({
      participant: name,
      limit: String(limit),
      ...(after !== undefined && { after }),
      ...(cursor && { cursor }),
    });
    const { status, body } = await transport.send({
      method: 'GET',
      url: `${coordinator}/decisions?${query.toString()}`,
      timeoutMs: pageTimeoutMs,
      ...(key !== undefined && { key }),
    });
    const page = parseDecisionList(status, body);
    if (page?.store !== store || options.stopped()) {
      throw new Unanswered(`the coordinator at ${coordinator} answered ${status}, and no page`);
    }
    cursor = page.nextCursor;
    yield { items: page.items, isLast: cursor === null };
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
