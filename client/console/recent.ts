/** The newest transfers, told by the coordinator's events. */
import type { Event, Transfer } from '../sdk/index.ts';

/** Older ones are forgotten, however many come. */
const mostTransfers = 500;

/** Keeps the newest transfers, each as far as its events have told. */
export class Recent {
  /** In the order in which they were begun. */
  #byId = new Map<string, Transfer>();

  /** Takes what was read as a list, newest first, before any event that came after. */
  preload(newestFirst: readonly Transfer[]): void {
    for (const transfer of newestFirst.toReversed()) this.#put(transfer);
  }

  /** Takes an event; the same one may come again, also behind what it has led to. */
  take(event: Event): void {
    if (event.type === 'connected' || event.type === 'registered') return;
    const known = this.#byId.get(event.id);
    if (event.type === 'begun') this.#put(known ?? begunBy(event));
    else if (known)
      this.#byId.set(
        event.id,
        event.type === 'decided' ? decidedBy(known, event) : endedBy(known, event),
      );
  }

  /** The newest first. */
  list(): Transfer[] {
    return [...this.#byId.values()].reverse();
  }

  #put(transfer: Transfer): void {
    this.#byId.delete(transfer.id);
    this.#byId.set(transfer.id, transfer);
    const [oldest] = this.#byId.keys();
    if (this.#byId.size > mostTransfers && oldest !== undefined) this.#byId.delete(oldest);
  }
}

type Of<T extends Event['type']> = Event & { readonly type: T };

function begunBy({
  id,
  at,
  legs,
  participants,
  reference,
  metadata,
  reverses,
}: Of<'begun'>): Transfer {
  return {
    id,
    state: 'preparing',
    applied: false,
    legs,
    participants: participants.map((name) => ({ name, vote: 'none', state: 'preparing' })),
    ...(reference !== undefined && { reference }),
    ...(metadata && { metadata }),
    ...(reverses !== undefined && { reverses }),
    createdAt: at,
  };
}

/** What is decided stays so: an event that comes again must not undo an acknowledgement. */
function decidedBy(transfer: Transfer, event: Of<'decided'>): Transfer {
  if (transfer.state !== 'preparing') return transfer;
  const { state, at, timestamp, reason, participants } = event;
  return {
    ...transfer,
    state,
    ...(timestamp !== undefined && { timestamp }),
    ...(reason !== undefined && { reason }),
    participants: participants.map((one) => {
      const promised = state === 'committed' && one.vote === 'yes';
      return { ...one, state: promised ? 'prepared' : 'aborted' };
    }),
    decidedAt: at,
  };
}

function endedBy(transfer: Transfer, { damage = {} }: Of<'ended'>): Transfer {
  const { state } = transfer;
  if (state === 'preparing') return transfer;
  return {
    ...transfer,
    applied: state === 'committed',
    participants: transfer.participants.map((one) => {
      const entries = damage[one.name];
      return entries ? { ...one, state: 'damaged', damage: entries } : { ...one, state };
    }),
  };
}
