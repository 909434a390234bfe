/**
 * A participant's half of two-phase commit with presumed abort (PROTOCOL.md, participant).
 *
 *            prepare, voted yes            commit
 *   (none) ─────────────────────► prepared ──────► committed ──┐ watermark
 *      │                          │  │     abort               ├──────────► (forgotten)
 *      │  prepare, voted no       │  └───────────► aborted ────┘
 *      ├──────────────────────────│──────────────► aborted
 *      │  abort, or a peer's inquiry, that came before the prepare (a tombstone)
 *      │                          │
 *      │  commit in one phase     │ an operator      the decision agrees
 *      └──► committed or aborted  └───────► resolved ──────────► committed or aborted
 *                                              │ it differs         ▲ dismissed
 *                                              └──────► damaged ────┘
 *
 * No timer leaves prepared: whoever voted yes has promised. Pure: no clock, randomness or IO.
 */
import { catchUp, inquire } from './catch-up.ts';
import { abort, commit, refuse } from './decision.ts';
import type { Conditions, Event, Reaction } from './messages.ts';
import type { Branch, BranchRecord } from './records.ts';
import type { State } from './state.ts';
import { commitOnePhase, prepare } from './vote.ts';

export type { Branch, Resource, Sender } from './records.ts';

/** Decides what a message leads to. A duplicate makes no record but is answered alike. */
export function receive(state: State, event: Event, conditions: Conditions): Reaction {
  const { id, coordinator } = event;
  if (!id.startsWith(`${coordinator.store}-`)) return refuse(id, 'wrong-store');
  switch (event.type) {
    case 'prepare':
      return prepare(state, event, conditions);
    case 'commit-one-phase':
      return commitOnePhase(state, event, conditions);
    case 'commit':
      return commit(state, event);
    case 'abort':
      return abort(state, event);
    case 'inquire':
      return inquire(state, event, conditions);
    case 'catch-up':
      return catchUp(state, event);
  }
}

/** The branches whose decision was not heard: whoever recovers must inquire. */
export function owed(state: State): Branch[] {
  return [...state.prepared].flatMap((id) => state.branches.get(id) ?? []);
}

/** The shortest log that rebuilds this state, after the resource's own. */
export function* summarise(state: State): Iterable<BranchRecord> {
  for (const [store, seen] of state.coordinators) yield { type: 'seen', store, ...seen };
  for (const [store, watermark] of state.watermarks) {
    yield { type: 'watermark', at: '', store, watermark };
  }
  for (const branch of state.branches.values()) {
    if (branch.state !== 'prepared') {
      yield { type: 'remembered', branch };
      continue;
    }
    const { id, coordinator, peers, legs, lowerTs = 0, timeoutMs = 0, preparedAt = '' } = branch;
    const promise = { id, coordinator, peers, legs, lowerTs, timeoutMs };
    yield { type: 'prepared', at: preparedAt, ...promise };
  }
}
