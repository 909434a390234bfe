import { isPassing, TransportError, type SentKeys } from '../http/transport.ts';
import type { Logger, Participant } from './participant.ts';
import type { Branch } from './records.ts';
import { archivedOf, codeOf, parseDecision } from './replies.ts';
import { isInDoubt } from './state.ts';
import type { Uplink } from './uplink.ts';

export interface AskOptions {
  readonly participant: Participant;
  readonly uplink: Uplink;
  readonly keys: SentKeys;
  readonly limits: { inquiryTimeoutMs: number };
  readonly logger: Logger;
  /** The log may be closed already: the next start asks again. */
  readonly stopped: () => boolean;
}

/** `heard`: a decision, or that there is none yet. Otherwise why nothing is known. */
export type Heard = 'heard' | Failure;

export interface Failure {
  readonly failure: string;
  /** Nobody was there to answer: it would have been the same about any other branch. */
  readonly isAway: boolean;
}

/** Asks the coordinator about one branch, and applies its decision (PROTOCOL.md, inquiry). */
export async function askCoordinator(options: AskOptions, branch: Branch): Promise<Heard> {
  const { id } = branch;
  const { participant, uplink, keys, limits, logger } = options;
  const { timestamp = 0 } = participant.state.coordinators.get(branch.coordinator.store) ?? {};
  const name = participant.membership?.name;
  const asker = name === undefined ? '' : `&participant=${name}`;
  try {
    const path = `/decisions/${id}?timestamp=${timestamp}${asker}`;
    const { status, body, from } = await uplink.ask(path, {
      method: 'GET',
      timeoutMs: limits.inquiryTimeoutMs,
      keys: keys(),
    });
    if (options.stopped()) return 'heard';
    const decision = parseDecision(status, body);
    if (!decision || decision.id !== id || decision.store !== branch.coordinator.store) {
      const failure = explain(from, branch, status, body);
      // A 500 is about this transfer, or may be; the others are asked about all the same.
      const isAway = isPassing(status) && status !== 500;
      const details = { transferId: id, status, code: codeOf(body) };
      const level = isPassing(status) ? 'warn' : 'error';
      if (!isAway) logger[level](details, `${id} stays in doubt: ${failure}`);
      return { failure, isAway };
    }
    if (decision.state !== 'pending') await settle(options, branch, decision, 'the coordinator');
    return 'heard';
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { failure: error.message, isAway: true };
  }
}

/** Applies a decision, unless it has come by itself meanwhile. @param by whose word it is */
export async function settle(
  { participant, logger }: Pick<AskOptions, 'participant' | 'logger'>,
  { id, coordinator }: Branch,
  decision: { readonly state: string; readonly timestamp?: number },
  by: string,
): Promise<void> {
  if (!isInDoubt(participant.state, id)) return;
  const { state, timestamp } = decision;
  if (timestamp === undefined) await participant.receive([{ type: 'abort', id, coordinator }]);
  else await participant.receive([{ type: 'commit', id, coordinator, timestamp }]);
  logger.info({ transferId: id, state, by }, `${id} was resolved by ${by}: ${state}`);
}

function explain(address: string, branch: Branch, status: number, body: unknown): string {
  const { store } = branch.coordinator;
  switch (codeOf(body)) {
    case 'wrong-store':
      return (
        `the coordinator at ${address} does not have store ${store}, which began it: that store ` +
        'is lost, or this is another coordinator; bring it back, or let an operator resolve it'
      );
    case 'never-issued':
      return `the store of the coordinator at ${address} is an old copy of ${store}`;
    case 'transfer-archived':
      return (
        `the coordinator at ${address} has its decision no more: put back what was moved to ` +
        `${archivedOf(body) ?? 'an archive'}, or let an operator resolve it`
      );
    default:
      return `the coordinator at ${address} answered ${status}, and no decision`;
  }
}
