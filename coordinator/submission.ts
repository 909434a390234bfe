/** How a client's transfer becomes an answer (PROTOCOL.md, idempotency and errors). */
import { problem, type Answer, type FieldError } from '../http/problems.ts';
import type { Refusal } from './admission.ts';
import { answer } from './answers.ts';
import type { Beginning, Coordinator } from './coordinator.ts';
import type { Preference } from './prefer.ts';
import type { Leg, Transfer } from './protocol.ts';
import {
  explain,
  pointerTo,
  reasonCode,
  refusedFields,
  viewParticipant,
  viewTransfer,
} from './views.ts';

/** A transfer that a client wants, in whatever way it has said so. */
export interface Submission {
  readonly key: string | undefined;
  /** Tells a repeated request from another one under the same key. */
  readonly fingerprint: string;
  readonly prefer: Preference;
  /** The legs as the client has named them, for errors that point at one of them. */
  readonly legs: readonly Leg[];
  readonly begin: () => Beginning;
}

/** How long an answer waits for the participants' confirmations unless the client says. */
const confirmationMs = 1000;

/** How long after its deadline an undecided transfer is waited for: a grace, and the disk. */
const patienceMs = 2_000;

/** Begins transfers and answers for them; one at a time for each idempotency key. */
export class Submissions {
  readonly #coordinator: Coordinator;
  readonly #serving = new Set<string>();

  constructor(coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  async submit({ key, fingerprint, prefer, legs, begin }: Submission): Promise<Answer> {
    const beginning = begin();
    if (beginning.outcome === 'refused') return notBegun(legs, beginning.refusals);
    const { id, outcome } = beginning;
    if (key === undefined) return this.#outcomeOf(await this.#found(id), prefer);
    if (outcome === 'known' && (await this.#found(id)).begun.fingerprint !== fingerprint) {
      const detail = `the key has begun transfer ${id} with another body`;
      return answer(this.#coordinator, problem('idempotency-key-reused', { detail }));
    }
    if (this.#serving.has(key)) {
      const detail = `the first request under this key still runs, for transfer ${id}`;
      const refusal = problem('idempotency-key-in-use', { detail, transferId: id });
      return answer(this.#coordinator, refusal);
    }
    this.#serving.add(key);
    try {
      const settled = await this.#outcomeOf(await this.#found(id), prefer);
      if (outcome === 'begun') return settled;
      return { ...settled, headers: { ...settled.headers, 'idempotent-replayed': 'true' } };
    } finally {
      this.#serving.delete(key);
    }
  }

  async #found(id: string): Promise<Transfer> {
    const transfer = await this.#coordinator.find(id);
    if (!transfer) throw new Error(`broken invariant: transfer ${id} has begun`);
    return transfer;
  }

  /** Waits as the client prefers, then says what is durably decided, and who has confirmed it. */
  async #outcomeOf(transfer: Transfer, prefer: Preference): Promise<Answer> {
    const { respondAsync, waitMs } = prefer;
    const coordinator = this.#coordinator;
    if (respondAsync) await coordinator.decided(transfer, waitMs ?? 0);
    else {
      // The deadline decides before this limit does, unless the only participant has to say.
      await coordinator.decided(transfer, 2 * transfer.begun.timeoutMs + patienceMs);
      const decidedBy = transfer.decided && coordinator.end;
      if (everyoneVoted(transfer)) await coordinator.ended(transfer, waitMs ?? confirmationMs);
      // What was committed is on the participants' disks: `ended` need not be on this one yet.
      if (decidedBy !== undefined && !coordinator.state.reversals.has(transfer.begun.id)) {
        const computed = outcomeOf(coordinator, transfer, prefer);
        await coordinator.durable(decidedBy);
        return computed;
      }
    }
    return answer(coordinator, outcomeOf(coordinator, transfer, prefer));
  }
}

function outcomeOf({ state }: Coordinator, transfer: Transfer, { applied }: Preference): Answer {
  const { begun, decided } = transfer;
  const headers = applied === '' ? {} : { 'preference-applied': applied };
  if (decided?.state === 'aborted') {
    return { ...abortedAnswer(transfer, decided.reason), headers };
  }
  return {
    status: decided ? 201 : 202,
    body: viewTransfer(transfer, state),
    headers: { ...headers, location: `/transfers/${begun.id}` },
  };
}

/** Whoever did not vote in time will not confirm in time either: nobody waits for it. */
const everyoneVoted = ({ begun, votes }: Transfer) => votes.size === begun.participants.length;

function abortedAnswer(transfer: Transfer, reason: string): Answer {
  const { begun } = transfer;
  const errors = refusedFields(transfer);
  return problem(reasonCode(reason), {
    detail: explain(transfer),
    transferId: begun.id,
    state: 'aborted',
    participants: begun.participants.map((name) => viewParticipant(transfer, name)),
    ...(errors.length > 0 && { errors }),
  });
}

function notBegun(legs: readonly Leg[], refusals: readonly [Refusal, ...Refusal[]]): Answer {
  const errors = refusals.flatMap(({ at, detail }): FieldError[] =>
    at ? [{ in: 'body', pointer: pointerTo(legs, at.leg, at.side), detail }] : [],
  );
  const [{ code, detail }] = refusals;
  return problem(code, { detail, ...(errors.length > 0 && { errors }) });
}
