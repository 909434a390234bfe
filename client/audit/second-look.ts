/** What one reading has only made suspicious is named by a second one. */
import type { Mismatch } from './agreement.ts';
import { listOf, type Money } from './amounts.ts';
import type { CoordinatorAudit } from './coordinator.ts';
import type { Findings } from './findings.ts';
import { KeyHours } from './key-hours.ts';
import type { Begun, CoordinatorRecord, Decided, ParticipantRecord } from './records.ts';

/** Hands all records of one store to `take`, once more. */
export type Reread = (
  take: (record: ParticipantRecord | CoordinatorRecord) => void,
) => Promise<void>;

/** Names what a participant has promised instead of what the coordinator has begun. */
export async function nameMismatches(
  mismatches: readonly Mismatch[],
  reread: Reread,
  findings: Findings,
  money: Money,
): Promise<void> {
  if (mismatches.length === 0) return;
  const wanted = new Set(mismatches.map(({ id }) => id));
  const found = new Map<string, string>();
  await reread((record) => {
    if (record.type !== 'prepared' || !wanted.has(record.id)) return;
    found.set(record.id, listOf(record.legs, money));
  });
  for (const { participant, id, legs } of mismatches) {
    const text = `${id} asked ${participant.name} for ${listOf(legs, money)}`;
    const instead = found.get(id) ?? 'something else';
    findings.violate('legs', `${text}, and ${participant.name} has ${instead}`, id);
  }
}

/** What a key has begun while it was known. */
interface KeyUse {
  readonly key: string;
  /** Of the last of them, or the last one in which one of them had not ended. */
  hour: number;
  readonly begun: Begun[];
  /** How many of them have not ended. */
  open: number;
}

/** Names who has used a key or a timestamp twice, and compares reversals with their originals. */
export async function nameSuspects(
  one: CoordinatorAudit,
  reread: Reread,
  findings: Findings,
  money: Money,
): Promise<void> {
  const { reversals, suspectKeys, suspectTimestamps } = one;
  if (suspectKeys.size + suspectTimestamps.size + reversals.size === 0) return;
  const reversed = new Set([...reversals.values()].map(({ id }) => id));
  const hours = new KeyHours();
  const uses: KeyUse[] = [];
  const decided: Decided[] = [];
  const originals = new Map<string, Begun>();
  await reread((record) => {
    if (record.type === 'begun') {
      const { key } = record;
      if (key !== undefined && suspectKeys.has(key)) {
        const known = uses.findLast((use) => use.key === key && hours.isKnown(use.hour));
        const use = known ?? { key, hour: 0, begun: [], open: 0 };
        if (!known) uses.push(use);
        use.hour = hours.now;
        use.open += 1;
        use.begun.push(record);
      }
      if (reversed.has(record.id)) originals.set(record.id, record);
    } else if (record.type === 'elapsed') {
      hours.take(record);
      for (const use of uses) if (use.open > 0) use.hour = hours.now;
    } else if (record.type === 'ended') {
      const use = uses.find(({ begun }) => begun.some(({ id }) => id === record.id));
      if (use) use.open -= 1;
    } else if (record.type === 'decided' && suspectTimestamps.has(record.timestamp ?? 0)) {
      decided.push(record);
    }
  });
  for (const { key, begun } of uses) nameKey(key, begun, findings);
  for (const timestamp of suspectTimestamps) {
    const ids = decided.filter((other) => other.timestamp === timestamp).map(({ id }) => id);
    const text = `${ids.join(' and ')} have committed at one timestamp, ${timestamp}`;
    findings.violate('timestamp', text, ids[0]);
  }
  checkReversals(one, originals, findings, money);
}

function nameKey(key: string, begun: readonly Begun[], findings: Findings): void {
  const [first, ...more] = begun;
  if (!first || more.length === 0) return; // Only the digest was the same.
  const ids = begun.map(({ id }) => id).join(' and ');
  const same = more.every(({ fingerprint }) => fingerprint === first.fingerprint);
  const bodies = same ? 'with the same body' : 'with different bodies';
  findings.violate('key', `the key ${JSON.stringify(key)} has begun ${ids}, ${bodies}`, first.id);
}

function checkReversals(
  { reversals, decisions }: CoordinatorAudit,
  originals: ReadonlyMap<string, Begun>,
  findings: Findings,
  money: Money,
): void {
  const sums = new Map<string, Map<number, bigint>>();
  for (const [id, { id: original, legs }] of reversals) {
    if (decisions.get(original).state !== 'committed') {
      const text = `${id} reverses ${original}, which has not committed`;
      findings.violate('reversal', text, id);
    }
    const sum = sums.get(original) ?? new Map<number, bigint>();
    sums.set(original, sum);
    for (const { leg, amount } of legs) sum.set(leg, (sum.get(leg) ?? 0n) + BigInt(amount));
  }
  for (const [id, sum] of sums) {
    for (const [index, reversed] of sum) {
      const { amount = 0, currency = '' } = originals.get(id)?.legs[index] ?? {};
      if (reversed <= BigInt(amount)) continue;
      const text = `${money(reversed, currency)} of leg ${index} of ${id} is reversed`;
      findings.violate('reversal', `${text}, and it has moved ${money(amount, currency)}`, id);
    }
  }
}
