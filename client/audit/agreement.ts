import { listOf, type Money } from './amounts.ts';
import type { Findings } from './findings.ts';
import { Gaps } from './gaps.ts';
import { isBelow, type ParticipantAudit, type Resolution } from './participant.ts';
import {
  type Begun,
  branchOf,
  type BranchLeg,
  type Decided,
  digestOfLegs,
  type Ended,
  negated,
} from './records.ts';

/** What an operator's resolution has left: it has to be added to the account to make it right. */
export interface Damage {
  readonly participant: string;
  readonly transferId: string;
  readonly account: string;
  readonly currency: string;
  /** Minor units. */
  readonly amount: number;
  readonly state: 'unreported' | 'reported' | 'compensated' | 'dismissed';
}

/** What a participant must have recorded by the time at which its coordinator was read. */
export interface Debt {
  readonly what: 'yes' | 'commit';
  readonly legs: readonly BranchLeg[];
}

/** A branch whose legs are not those that the coordinator has begun. */
export interface Mismatch {
  readonly participant: ParticipantAudit;
  readonly id: string;
  readonly legs: readonly BranchLeg[];
}

/** Compares what a coordinator has decided with what the participants have done about it. */
export class Agreement {
  readonly gaps = new Gaps();
  readonly damage: Damage[] = [];
  readonly mismatches: Mismatch[] = [];
  readonly debts = new Map<ParticipantAudit, Map<string, Debt>>();
  readonly #findings: Findings;
  readonly #money: Money;

  constructor(findings: Findings, money: Money) {
    this.#findings = findings;
    this.#money = money;
  }

  /** Whether the participant has still to carry out the decision. */
  decided({ legs: all }: Begun, decided: Decided, participant: ParticipantAudit): boolean {
    const { id, state } = decided;
    const legs = branchOf(all, participant.name);
    const row = participant.branches.get(id);
    const resolution = participant.resolutions.get(id);
    if (row.state !== 'none' && row.digest !== 0 && row.digest !== digestOfLegs(legs)) {
      this.mismatches.push({ participant, id, legs });
    }
    if (resolution) {
      this.#compareResolution(participant, resolution, decided, legs);
      return false;
    }
    if (state === 'committed') return this.#committed(participant, decided, legs);
    if (row.state === 'committed') {
      const text = `${id} was aborted, and ${participant.name} has committed it`;
      this.#findings.violate('outcome', `${text}: ${this.#list(legs)}`, id);
    }
    return false;
  }

  /** A transfer that was begun, and not decided before its coordinator was read. */
  undecided(begun: Begun, participant: ParticipantAudit): void {
    const { id, legs, participants, timestamp } = begun;
    const { name } = participant;
    const row = participant.branches.get(id);
    const isOnePhase = participants.length === 1 && timestamp === row.timestamp;
    if (row.state === 'committed' && !isOnePhase) {
      const text = `${name} has committed ${id}, which its coordinator has not decided`;
      this.#findings.violate('decision', `${text}: ${this.#list(branchOf(legs, name))}`, id);
    }
    const resolution = participant.resolutions.get(id);
    if (resolution?.outcome === 'committed') this.gaps.add('resolved', resolution.legs);
    this.unended(begun.id, participant);
  }

  /** A transfer that had not ended when its coordinator was read. */
  unended(id: string, { name, watermarks }: ParticipantAudit): void {
    for (const watermark of watermarks.values()) {
      if (!isBelow(id, watermark) || watermark.except.includes(id)) continue;
      const { store, epoch, number } = watermark;
      const text = `the watermark ${store}-${epoch}-${number} at ${name} has passed ${id}`;
      this.#findings.violate('watermark', `${text}, which has not ended`, id);
    }
  }

  /** A transfer has ended; these participants had not carried it out when they were read. */
  ended(
    ended: Ended,
    waiting: readonly ParticipantAudit[],
    all: readonly ParticipantAudit[],
  ): void {
    const { id, damage = {} } = ended;
    for (const participant of waiting) this.#owe(participant, id, { what: 'commit', legs: [] });
    for (const participant of all) {
      const reported = damage[participant.name];
      if (!reported || waiting.includes(participant)) continue;
      const known = participant.resolutions.get(id);
      if (digestOfLegs(known?.damage ?? []) === digestOfLegs(reported)) continue;
      const text = `${id} has ended with damage at ${participant.name}: ${this.#list(reported)}`;
      this.#findings.violate('damage', `${text}; its own store does not say so`, id);
    }
  }

  /** A branch of which its coordinator has no record at all: it counts as aborted. */
  unknown(participant: ParticipantAudit, id: string): void {
    const { name, resolutions } = participant;
    const known = resolutions.get(id);
    if (known && known.decision?.state !== 'committed') {
      const presumed = { type: 'decided', id, state: 'aborted', votes: {} } as const;
      this.#compareResolution(participant, known, presumed, known.legs);
      return;
    }
    const text = `${name} has committed ${id}, and its coordinator has no record of it`;
    this.#findings.violate('decision', text, id);
  }

  #committed(
    participant: ParticipantAudit,
    { id, timestamp }: Decided,
    legs: readonly BranchLeg[],
  ): boolean {
    const { name } = participant;
    const row = participant.branches.get(id);
    switch (row.state) {
      case 'committed':
        if (row.timestamp !== timestamp) {
          const text = `${id} has committed at timestamp ${timestamp ?? 'none'}`;
          const other = `${name} has recorded ${row.timestamp}`;
          this.#findings.violate('timestamp', `${text}, and ${other}`, id);
        }
        return false;
      case 'aborted': {
        const text = `${id} has committed, and ${name} has aborted it`;
        this.#findings.violate('outcome', `${text}: it lacks ${this.#list(legs)}`, id);
        return false;
      }
      case 'prepared':
        if (participant.passed.has(id)) {
          const text = `the watermark at ${name} had passed ${id}, which has committed`;
          this.#findings.violate('watermark', `${text}, before ${name} heard of it`, id);
        }
        break;
      default:
        this.#owe(participant, id, { what: 'yes', legs });
    }
    this.gaps.add('underWay', negated(legs));
    return true;
  }

  #compareResolution(
    { name }: ParticipantAudit,
    { outcome, decision, dismissal }: Resolution,
    { id, state, timestamp }: Decided,
    legs: readonly BranchLeg[],
  ): void {
    if (decision && decision.state !== state) {
      const text = `${name} has recorded that ${id} is ${decision.state}, and it was ${state}`;
      this.#findings.violate('outcome', text, id);
    } else if (decision?.timestamp !== undefined && decision.timestamp !== timestamp) {
      const text = `${id} has committed at timestamp ${timestamp ?? 'none'}`;
      this.#findings.violate('timestamp', `${text}, and ${name} has ${decision.timestamp}`, id);
    }
    if (outcome === state) return;
    const due = state === 'committed' ? legs : negated(legs);
    const isCompensated = dismissal !== undefined && dismissal.length > 0;
    const settled = isCompensated ? 'compensated' : 'dismissed';
    const reported = decision ? 'reported' : 'unreported';
    const how = dismissal ? settled : reported;
    for (const leg of due) {
      this.damage.push({ participant: name, transferId: id, ...leg, state: how });
    }
    if (!isCompensated) this.gaps.add('resolved', negated(due));
  }

  #owe(participant: ParticipantAudit, id: string, debt: Debt): void {
    const known = this.debts.get(participant) ?? new Map<string, Debt>();
    this.debts.set(participant, known);
    known.set(id, { ...debt, legs: known.get(id)?.legs ?? debt.legs });
  }

  #list(legs: readonly BranchLeg[]): string {
    return listOf(legs, this.#money);
  }
}
