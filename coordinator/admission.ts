/** Whether a transfer may begin (PROTOCOL.md, coordinator). */
import type { ProblemCode } from '../http/problems.ts';
import type { Directory } from './directory.ts';
import { countKeys } from './key-window.ts';
import { participantOf, type State, type TransferRequest } from './protocol.ts';

/** Why nothing was begun. `leg` and `side` say where, if it is about an address. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly at?: { readonly leg: number; readonly side: 'from' | 'to' };
}

export interface AdmissionLimits {
  /** Transfers that have not ended; further ones are refused. */
  transfersInFlight: number;
  /** Transfers that wait for votes; further ones are refused, before their body is read. */
  transfersUndecided: number;
  /** Those that wait for votes and were begun by one client; further ones are refused, too. */
  transfersPerClient: number;
  /** Those that one participant has not acknowledged; further ones with it are refused. */
  transfersPerParticipant: number;
  /** Idempotency keys that are remembered; further ones are refused. */
  idempotencyKeys: number;
}

export interface Circumstances {
  readonly state: State;
  readonly directory: Directory;
  readonly limits: AdmissionLimits;
  /** How many transfers wait for votes. */
  readonly undecided: number;
  /** How many of them the client has begun. */
  readonly undecidedOfClient: number;
  /** How many transfers a participant has not acknowledged. */
  owedBy(participant: string): number;
  isDown(participant: string): boolean;
  /** Whether what is free on the disk is kept for decisions. */
  readonly lowDisk: boolean;
}

/** Why no new transfer can begin now, whatever it is; undefined if some can. */
export function congestion(
  now: Pick<Circumstances, 'limits' | 'undecided' | 'undecidedOfClient'>,
): Refusal | undefined {
  const { transfersUndecided, transfersPerClient } = now.limits;
  if (now.undecided >= transfersUndecided) {
    return { code: 'overloaded', detail: `${transfersUndecided} transfers wait for votes` };
  }
  if (now.undecidedOfClient < transfersPerClient) return undefined;
  const detail = `${transfersPerClient} transfers of this client wait for votes`;
  return { code: 'overloaded', detail };
}

/** Why a new transfer cannot begin now; empty if it can. */
export function obstacles({ legs, key }: TransferRequest, now: Circumstances): Refusal[] {
  const { state, directory, limits } = now;
  const unknown = legs.flatMap(({ from, to }, leg): Refusal[] =>
    (['from', 'to'] as const).flatMap((side) => {
      const name = participantOf(side === 'from' ? from : to);
      if (directory.has(name)) return [];
      const detail = `there is no participant ${name}`;
      return [{ code: 'unknown-participant', detail, at: { leg, side } }];
    }),
  );
  if (unknown.length > 0) return unknown;
  if (now.lowDisk) {
    const detail = 'the disk of the coordinator is nearly full: what is left is for decisions';
    return [{ code: 'overloaded', detail }];
  }
  if (state.active.size >= limits.transfersInFlight) {
    const detail = `${limits.transfersInFlight} transfers are under way`;
    return [{ code: 'overloaded', detail }];
  }
  const congested = congestion(now);
  if (congested) return [congested];
  if (key !== undefined && countKeys(state.keys) >= limits.idempotencyKeys) {
    const detail = `${limits.idempotencyKeys} keys are remembered`;
    return [{ code: 'idempotency-window-full', detail }];
  }
  const names = new Set(legs.flatMap(({ from, to }) => [from, to]).map(participantOf));
  return [...names].flatMap((name): Refusal[] => {
    const why = flawOf(name, now);
    return why === undefined ? [] : [{ code: 'participant-unavailable', detail: `${name} ${why}` }];
  });
}

/** Why a participant can take no new transfer. */
function flawOf(name: string, now: Circumstances): string | undefined {
  const { transfersPerParticipant } = now.limits;
  if (now.directory.get(name)?.quarantined) return 'has an old copy of its store, and catches up';
  if (now.isDown(name)) return 'cannot be reached';
  if (now.owedBy(name) < transfersPerParticipant) return undefined;
  return `has ${transfersPerParticipant} transfers to acknowledge`;
}
