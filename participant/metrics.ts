import type { Registry } from 'prom-client';
import { isProblemCode } from '../http/problems.ts';
import type { Clock } from '../log/clock.ts';
import { gauge, LogMetrics, Counts, type Series } from '../log/metrics.ts';
import type { Reply } from './messages.ts';
import type { Participant } from './participant.ts';
import type { BranchRecord } from './records.ts';
import type { State } from './state.ts';

type ByOutcome = Readonly<Record<'committed' | 'aborted', Series>>;

/**
 * What is measured of a participant. It counts what this start has seen happen; what stands in the
 * state is read there when somebody asks.
 */
export class ParticipantMetrics {
  readonly log: LogMetrics;
  readonly #registry: Registry;
  readonly #votes: Counts<'vote' | 'code'>;
  readonly #yes: Series;
  /** By code. */
  readonly #noes = new Map<string, Series>();
  readonly #refused = new Map<string, Series>();
  readonly #outcomes: ByOutcome;
  readonly #inquiries: Readonly<Record<'answered' | 'unanswered', Series>>;
  readonly #resolutions: ByOutcome;
  readonly #dismissals: Series;
  readonly #damage: Series;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.log = new LogMetrics(registry);
    const counts = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
      new Counts(registry, `unanimous_${name}`, help, labelNames);
    const votes = 'Votes that were answered, repeated ones too; a yes has no code.';
    this.#votes = counts('votes_total', votes, 'vote', 'code');
    this.#yes = this.#votes.series({ vote: 'yes', code: '' });
    const known = 'Branches whose outcome has become known here: decisions, and votes of no.';
    this.#outcomes = byOutcome(counts('outcomes_total', known, 'outcome'));
    const asked = 'Questions to the coordinator about branches in doubt.';
    const inquiries = counts('inquiries_total', asked, 'answer');
    this.#inquiries = {
      answered: inquiries.series({ answer: 'answered' }),
      unanswered: inquiries.series({ answer: 'unanswered' }),
    };
    const resolved = 'Branches in doubt that an operator has settled by hand.';
    this.#resolutions = byOutcome(counts('resolutions_total', resolved, 'outcome'));
    const dismissed = 'Damage that an operator has put away.';
    this.#dismissals = counts('dismissals_total', dismissed).series({});
    const damaged = 'Branches whose decision the accounts did not show.';
    this.#damage = counts('damage_reports_total', damaged).series({});
  }

  /** A message asked for a promise, and got this. */
  voted(reply: Reply): void {
    if ('refused' in reply) {
      this.#of(this.#refused, 'refused', reply.refused).count += 1;
    } else if ('vote' in reply ? reply.vote === 'yes' : reply.state !== 'aborted') {
      this.#yes.count += 1;
    } else {
      const code = ('code' in reply ? reply.code : undefined) ?? '';
      const known = isProblemCode(code) ? code : 'refused-by-participant';
      this.#of(this.#noes, 'no', known).count += 1;
    }
  }

  #of(known: Map<string, Series>, vote: string, code: string): Series {
    const series = known.get(code) ?? this.#votes.series({ vote, code });
    known.set(code, series);
    return series;
  }

  /** These are on record now. */
  recorded(records: readonly BranchRecord[]): void {
    for (const record of records) {
      switch (record.type) {
        case 'committed':
        case 'aborted':
          this.#outcomes[record.type].count += 1;
          break;
        case 'confirmed':
          this.#outcomes[record.state].count += 1;
          break;
        case 'damaged':
          this.#outcomes[record.state].count += 1;
          this.#damage.count += 1;
          break;
        case 'resolved':
          this.#resolutions[record.outcome].count += 1;
          break;
        case 'dismissed':
          this.#dismissals.count += 1;
          break;
        default:
      }
    }
  }

  /** The coordinator was asked about a branch in doubt. */
  inquired(answered: boolean): void {
    this.#inquiries[answered ? 'answered' : 'unanswered'].count += 1;
  }

  /** Reads everything else from the participant when somebody asks. */
  watch(participant: Participant, clock: Pick<Clock, 'wall'>): void {
    const { state, ledger } = participant;
    const add = (name: string, help: string, read: () => number) => {
      gauge(this.#registry, `unanimous_${name}`, help, read);
    };
    const doubt = 'Branches that have promised, and do not know the decision.';
    add('branches_in_doubt', doubt, () => state.prepared.size);
    const oldest = 'Age of the oldest branch in doubt; 0 if there is none.';
    add('branches_in_doubt_oldest_seconds', oldest, () => {
      const now = Date.parse(clock.wall());
      const since = oldestDoubt(state);
      return since === undefined ? 0 : Math.max(0, now - Date.parse(since)) / 1_000;
    });
    const damaged = 'Branches whose damage no operator has put away yet.';
    add('damaged_branches', damaged, () => state.damaged.size);
    add('accounts', 'Accounts that are kept here.', () => ledger.size);
    const confirmed = '1 once the coordinator has confirmed that the store is no old copy.';
    add('store_confirmed', confirmed, () => (participant.isConfirmed ? 1 : 0));
    const old = '1 while the store is an old copy, which catches up.';
    add('store_old_copy', old, () => (participant.isOldCopy ? 1 : 0));
  }
}

const byOutcome = (counts: Counts<'outcome'>): ByOutcome => ({
  committed: counts.series({ outcome: 'committed' }),
  aborted: counts.series({ outcome: 'aborted' }),
});

/** When the branch that is longest in doubt has promised. */
function oldestDoubt({ prepared, branches }: State): string | undefined {
  let oldest: string | undefined;
  for (const id of prepared) {
    const { preparedAt } = branches.get(id) ?? {};
    if (preparedAt !== undefined && !(oldest !== undefined && oldest <= preparedAt)) {
      oldest = preparedAt;
    }
  }
  return oldest;
}
