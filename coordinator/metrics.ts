import { Counter, Gauge, type Registry } from 'prom-client';
import { Distribution, type Series as Observer } from '../http/distribution.ts';
import type { ProblemCode } from '../http/problems.ts';
import type { Clock } from '../log/clock.ts';
import { gauge, LogMetrics, Counts, type Series } from '../log/metrics.ts';
import type { Coordinator } from './coordinator.ts';
import { countKeys } from './key-window.ts';
import type { Decided, Ended, Message, Transfer } from './protocol.ts';
import { abortReasons, reasonCode } from './views.ts';

/** Bounds of what a transfer waits for: from a write to a participant that is away. Seconds. */
const phaseSeconds = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1],
  ...[0.25, 0.5, 1, 2.5, 5, 10, 30],
];

const transfersTogether = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

interface Phases {
  /** From the beginning until it is decided. */
  readonly votes: Observer;
  /** The forced write of the decision. */
  readonly decision: Observer;
  /** From then until everyone who has to hear of it has acknowledged it. */
  readonly acknowledgement: Observer;
  /** From the beginning to the end. */
  readonly whole: Observer;
}

/**
 * What is measured of a coordinator. It counts what this start has seen happen; what stands in the
 * state is read there when somebody asks.
 */
export class CoordinatorMetrics {
  readonly log: LogMetrics;
  readonly #registry: Registry;
  readonly #committed: Series;
  /** By reason. */
  readonly #aborted: ReadonlyMap<ProblemCode, Series>;
  readonly #phases: Readonly<Record<Decided['state'], Phases>>;
  readonly #batches: Readonly<Record<Message['type'], Observer>>;
  readonly #refused: Counter<'code'>;
  readonly #retries: Counter<'participant'>;
  readonly #damage: Counter<'participant'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#registry = registry;
    this.log = new LogMetrics(registry);
    const decided = 'Transfers whose decision is on disk; a commit has no reason.';
    const labels = ['outcome', 'reason'] as const;
    const transfers = new Counts(registry, 'unanimous_transfers_total', decided, labels);
    this.#committed = transfers.series({ outcome: 'committed', reason: '' });
    const reasons: ProblemCode[] = [...abortReasons, 'refused-by-participant'];
    this.#aborted = new Map(
      reasons.map((reason) => [reason, transfers.series({ outcome: 'aborted', reason })]),
    );
    this.#phases = phasesOf(registry);
    this.#batches = batchesOf(registry);
    this.#refused = new Counter({
      name: 'unanimous_transfers_refused_total',
      help: 'Transfers that were not begun, those of bulk requests as well, by problem code.',
      labelNames: ['code'],
      registers,
    });
    this.#retries = new Counter({
      name: 'unanimous_retries_total',
      help: 'Messages that got no usable answer from a participant, and are sent again.',
      labelNames: ['participant'],
      registers,
    });
    this.#damage = new Counter({
      name: 'unanimous_damaged_transfers_total',
      help: 'Transfers that have ended with damage at a participant.',
      labelNames: ['participant'],
      registers,
    });
  }

  /** A decision is on disk, by a forced write that took `forcedMs` milliseconds. */
  decided({ ended }: Transfer, decided: Decided, forcedMs: number): void {
    const { state, trace } = decided;
    const series =
      state === 'committed' ? this.#committed : this.#aborted.get(reasonCode(decided.reason));
    if (series) series.count += 1;
    const { votes, decision, whole } = this.#phases[state];
    const votesMs = trace?.ms ?? 0;
    votes.observe(votesMs / 1_000);
    decision.observe(forcedMs / 1_000);
    // Nobody had to hear of it, or everyone has acknowledged it meanwhile.
    if (ended) whole.observe((votesMs + forcedMs) / 1_000);
  }

  /** A transfer has ended. */
  ended({ decided }: Transfer, { trace, damage }: Ended): void {
    for (const participant of Object.keys(damage ?? {})) this.#damage.inc({ participant });
    // Without it the decision is not on disk yet, and `decided` will tell; or it was an earlier
    // start's, whose time was not measured here.
    if (trace?.forcedMs === undefined || !decided?.trace) return;
    const { acknowledgement, whole } = this.#phases[decided.state];
    const forcedAt = decided.trace.ms + trace.forcedMs;
    acknowledgement.observe(Math.max(0, trace.ms - forcedAt) / 1_000);
    whole.observe(trace.ms / 1_000);
  }

  /** A message about so many transfers leaves. */
  sent(message: Message['type'], transfers: number): void {
    this.#batches[message].observe(transfers);
  }

  /** A message to a participant has to be sent again. */
  retried(participant: string): void {
    this.#retries.inc({ participant });
  }

  /** A transfer was not begun. */
  refused(code: ProblemCode): void {
    this.#refused.inc({ code });
  }

  /** Reads everything else from the coordinator when somebody asks. */
  watch(coordinator: Coordinator, clock: Pick<Clock, 'wall'>): void {
    const { state, limits } = coordinator;
    const add = (name: string, help: string, read: () => number) => {
      gauge(this.#registry, `unanimous_${name}`, help, read);
    };
    add('transfers_active', 'Transfers that have not ended.', () => state.active.size);
    const undecided = () => coordinator.undecided;
    add('transfers_undecided', 'Transfers that wait for votes.', undecided);
    const keys = () => countKeys(state.keys);
    add('idempotency_keys', 'Idempotency keys that are remembered.', keys);
    const mostKeys = () => limits.idempotencyKeys;
    add('idempotency_keys_limit', 'With so many keys, a new one is refused.', mostKeys);
    add('event_streams', 'Streams of events that are open.', () => coordinator.streams);
    this.#watchParticipants(coordinator);
    this.#watchDoubt(coordinator, clock);
  }

  #watchParticipants(coordinator: Coordinator): void {
    const { directory } = coordinator;
    const up = 'Whether it answers: 1 or 0; of one that was not asked yet, nothing.';
    this.#byParticipant('participant_up', up, () =>
      [...directory.keys()].flatMap((name): [string, number][] => {
        const { health } = coordinator.health(name);
        return health === 'unknown' ? [] : [[name, health === 'up' ? 1 : 0]];
      }),
    );
    const old = '1 while its store is an old copy, and takes no part.';
    this.#byParticipant('participant_quarantined', old, () =>
      [...directory.values()].map(({ name, quarantined }) => [name, quarantined ? 1 : 0]),
    );
  }

  #watchDoubt(coordinator: Coordinator, clock: Pick<Clock, 'wall'>): void {
    const help = 'Transfers that it has promised, and not acknowledged the decision of.';
    this.#byParticipant('participant_in_doubt_transfers', help, () =>
      [...doubtsOf(coordinator)].map(([name, { count }]) => [name, count]),
    );
    const oldest = 'Age of the oldest of them, from when it began; 0 if there is none.';
    this.#byParticipant('participant_in_doubt_oldest_seconds', oldest, () => {
      const now = Date.parse(clock.wall());
      return [...doubtsOf(coordinator)].map(([name, { since }]) => {
        return [name, since === '' ? 0 : Math.max(0, now - Date.parse(since)) / 1_000];
      });
    });
  }

  #byParticipant(name: string, help: string, read: () => readonly [string, number][]): void {
    new Gauge({
      name: `unanimous_${name}`,
      help,
      labelNames: ['participant'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [participant, value] of read()) this.set({ participant }, value);
      },
    });
  }
}

/** By participant: how many transfers it is in doubt about, and when the oldest of them began. */
function doubtsOf({ state, directory }: Coordinator) {
  const doubts = new Map([...directory.keys()].map((name) => [name, { count: 0, since: '' }]));
  // In the order in which they began: the first one is the oldest.
  for (const id of state.active) {
    const transfer = state.transfers.get(id);
    for (const [name, { vote }] of transfer?.votes ?? []) {
      const doubt = doubts.get(name);
      if (!doubt || vote !== 'yes' || transfer?.acknowledged.has(name)) continue;
      doubt.count += 1;
      if (doubt.since === '') doubt.since = transfer?.begun.at ?? '';
    }
  }
  return doubts;
}

function phasesOf(registry: Registry): Readonly<Record<Decided['state'], Phases>> {
  const histogram = (phase: string, help: string) =>
    new Distribution({
      name: `unanimous_transfer_${phase}duration_seconds`,
      help,
      labelNames: ['outcome'],
      buckets: phaseSeconds,
      registers: [registry],
    });
  const votes = histogram('votes_', 'From the beginning of a transfer until it is decided.');
  const decision = histogram('decision_', 'The forced write of a decision.');
  const hearing = 'From a decision on disk until everyone has acknowledged it.';
  const acknowledgement = histogram('acknowledgement_', hearing);
  const whole = histogram('', 'From the beginning of a transfer to its end.');
  const of = (outcome: Decided['state']): Phases => ({
    votes: votes.series({ outcome }),
    decision: decision.series({ outcome }),
    acknowledgement: acknowledgement.series({ outcome }),
    whole: whole.series({ outcome }),
  });
  return { committed: of('committed'), aborted: of('aborted') };
}

function batchesOf(registry: Registry): Readonly<Record<Message['type'], Observer>> {
  const batches = new Distribution({
    name: 'unanimous_batch_transfers',
    help: 'Transfers that share one message to a participant.',
    labelNames: ['message'],
    buckets: transfersTogether,
    registers: [registry],
  });
  const series = (message: Message['type']) => batches.series({ message });
  return {
    prepare: series('prepare'),
    commit: series('commit'),
    abort: series('abort'),
    'commit-one-phase': series('commit-one-phase'),
  };
}
