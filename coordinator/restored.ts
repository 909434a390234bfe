/**
 * How a coordinator finds out that its store is an old copy (PROTOCOL.md, restored and lost
 * stores): it is shown what only a newer copy can have issued. Pure.
 */

/** What this store has issued, as far as it knows. */
export interface Issued {
  readonly store: string;
  readonly epoch: number;
  /** The number of the last transfer of this epoch. */
  readonly sequence: number;
  /** The last commit timestamp. */
  readonly timestamp: number;
}

/** What somebody has seen of a coordinator. */
export interface Shown {
  /** A transfer id. */
  readonly id?: string | undefined;
  /** A commit timestamp, or the `lowerTs` of a transfer. */
  readonly timestamp?: number | undefined;
}

/** Whether an id is of another coordinator's store: its timestamps say nothing about this one. */
export function isForeign({ store }: Issued, id: string | undefined): boolean {
  return id !== undefined && !id.startsWith(`${store}-`);
}

/**
 * What of it this store never issued, as the object of a sentence; undefined if nothing. Of an
 * earlier epoch any number may have been issued: a `begun` that was not forced is lost in a crash.
 */
export function neverIssued(issued: Issued, { id, timestamp }: Shown): string | undefined {
  if (isForeign(issued, id)) return undefined;
  const [, epoch = 0, number = 0] = (id ?? '').split('-').map(Number);
  const above = epoch > issued.epoch || (epoch === issued.epoch && number > issued.sequence);
  if (id !== undefined && above) return `transfer ${id}`;
  return (timestamp ?? 0) > issued.timestamp ? `commit timestamp ${timestamp}` : undefined;
}

/** Why a coordinator stops, and what to do. `what` completes: "bank-a has seen …". */
export function oldCopy(folder: string, who: string, what: string): string {
  return (
    `the store ${folder} is an old copy: ${who} has seen ${what}, of which it has no record. ` +
    'This node must not go on, or transfers that are committed would be aborted. Put the newest ' +
    'copy of the store back and start it. If there is none, make a new store with init, and ' +
    'resolve at each participant what it lists under GET /branches?state=prepared'
  );
}
