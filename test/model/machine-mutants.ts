/** Mistakes in the pure machines, and the rule that each of them breaks in which model. */
import type { Mutant } from '../fixtures/mutant.ts';
import type { ModelName } from './settings.ts';
import type { Rule } from './signals.ts';

export interface MachineMutant extends Mutant {
  readonly model: ModelName;
  readonly rule: Rule;
}

const coordinator = 'coordinator/protocol.ts';
const vote = 'participant/vote.ts';
const decision = 'participant/decision.ts';
const peers = 'participant/catch-up.ts';
const ledger = 'participant/ledger.ts';

const own = 'the machine keeps its own invariants';
const onRecord = 'what was said is on record';
const oneAccount = 'held is what is prepared';
const summary = 'replaying a summary changes nothing';
const timestamps = 'unique timestamps above lowerTs';
const settled = 'the watermark passes only what is settled';

const coordinatorMutants: readonly MachineMutant[] = [
  {
    name: 'one yes is enough to commit',
    file: coordinator,
    from: "ballots.every(([, { vote }]) => vote === 'yes')",
    to: "ballots.some(([, { vote }]) => vote === 'yes')",
    model: 'two phases',
    rule: 'unanimity',
  },
  {
    name: 'a no is ignored',
    file: coordinator,
    from: "ballots.every(([, { vote }]) => vote === 'yes')",
    to: "ballots.every(([, { vote }]) => vote !== 'none')",
    model: 'two phases',
    rule: 'unanimity',
  },
  {
    name: 'a missing vote counts as a yes',
    file: coordinator,
    from: "ballots.every(([, { vote }]) => vote === 'yes')",
    to: "ballots.every(([, { vote }]) => vote !== 'no')",
    model: 'two phases',
    rule: 'unanimity',
  },
  {
    name: 'a deadline aborts what is decided',
    file: coordinator,
    from: 'if (!transfer || transfer.decided) return nothing;',
    to: 'if (!transfer) return nothing;',
    model: 'coordinator crash',
    rule: own,
  },
  {
    name: 'a late vote decides again',
    file: coordinator,
    from: 'transfer && !transfer.decided && isUnvoted(transfer, participant)',
    to: 'transfer && isUnvoted(transfer, participant)',
    model: 'two phases',
    rule: own,
  },
  {
    name: 'an id is issued again after a restart',
    file: coordinator,
    from: '${state.store}-${state.epoch}-${state.sequence + 1}',
    to: '${state.store}-1-${state.sequence + 1}',
    model: 'two transfers and a restart',
    rule: own,
  },
  {
    name: 'a transfer ends before all have acknowledged',
    file: coordinator,
    from: 'if (missing.length > 1) return',
    to: 'if (missing.length > 2) return',
    model: 'two phases',
    rule: settled,
  },
  {
    name: 'the watermark passes what has not ended',
    file: coordinator,
    from: '    except.push(id);\n',
    to: '',
    model: 'watermarks at any time',
    rule: settled,
  },
  {
    name: 'the watermark passes what is not issued yet',
    file: coordinator,
    from: 'seq: sequence + 1, except }',
    to: 'seq: sequence + 2, except }',
    model: 'one phase twice',
    rule: settled,
  },
  {
    name: 'an inquiry about what is pending is answered as aborted',
    file: coordinator,
    from: "transfer.decided ? 'aborted' : 'pending'",
    to: "'aborted'",
    model: 'two phases',
    rule: 'answers never change',
  },
  {
    name: 'what was issued before a restart is denied',
    file: coordinator,
    from: 'return epoch < state.epoch || (epoch',
    to: 'return (epoch',
    model: 'coordinator crash',
    rule: 'nobody is alarmed',
  },
  {
    name: 'a restart does not abort what is undecided',
    file: coordinator,
    from: "return giveUp(state, transfer, at, 'coordinator-restarted');",
    to: 'return nothing;',
    model: 'coordinator crash',
    rule: 'a restart leaves nothing undecided',
  },
  {
    name: 'a restart does not end what a torn write has left without its end',
    file: coordinator,
    from: 'if (transfer?.decided && unacknowledged(transfer).length === 0) {',
    to: 'if (transfer?.ended) {',
    model: 'coordinator crash',
    rule: 'everything is resolved once faults end',
  },
  {
    name: 'a key is not remembered',
    file: coordinator,
    from: 'if (key && begunBy(state, key) !== id) remember(state.keys, key, { epoch, sequence });',
    to: '',
    model: 'three processes, one key',
    rule: 'a key begins one transfer',
  },
  {
    name: 'a commit timestamp is issued twice',
    file: coordinator,
    from: 'state.timestamp = Math.max(state.timestamp, decided.timestamp);',
    to: '',
    model: 'one phase beside two',
    rule: timestamps,
  },
  {
    name: 'a timestamp that is issued and not decided yet is issued again',
    file: coordinator,
    from: 'if (timestamp !== undefined) state.timestamp = Math.max(state.timestamp, timestamp);',
    to: '',
    model: 'one phase twice',
    rule: timestamps,
  },
  {
    name: 'a commit timestamp is only above its lowerTs',
    file: coordinator,
    from: 'const timestamp = state.timestamp + 1;',
    to: 'const timestamp = transfer.begun.lowerTs + 1;',
    model: 'one phase beside two',
    rule: timestamps,
  },
  {
    name: 'a commit timestamp is not above its lowerTs',
    file: coordinator,
    from: 'const timestamp = state.timestamp + 1;',
    to: 'const timestamp = state.timestamp;',
    model: 'two phases',
    rule: own,
  },
  {
    name: 'a summary leaves out decisions',
    file: coordinator,
    from: '    if (decision) yield decision;\n',
    to: '',
    model: 'two phases',
    rule: summary,
  },
  {
    name: 'a summary forgets the last timestamp',
    file: coordinator,
    from: "yield { type: 'counted', timestamp, decided };",
    to: "yield { type: 'counted', timestamp: 0, decided };",
    model: 'two phases',
    rule: summary,
  },
  {
    name: 'a deadline aborts a transfer that its participant may have committed',
    file: coordinator,
    from: 'if (!isOnePhase(transfer)) return decide(',
    to: 'return decide(',
    model: 'one phase',
    rule: 'agreement',
  },
];

const participantMutants: readonly MachineMutant[] = [
  {
    name: 'a yes is not forced',
    file: vote,
    from: "records: [promiseOf(event, event.peers)], reply: { id, vote: 'yes' }, forced: true }",
    to: "records: [promiseOf(event, event.peers)], reply: { id, vote: 'yes' }, forced: false }",
    model: 'participant crash',
    rule: onRecord,
  },
  {
    name: 'a repeated yes is not forced',
    file: vote,
    from: "return { records: [], reply: { id, vote: 'yes' }, forced: true };",
    to: "return { records: [], reply: { id, vote: 'yes' }, forced: false };",
    model: 'participant crash',
    rule: onRecord,
  },
  {
    name: 'a yes is not on record',
    file: vote,
    from: 'records: [promiseOf(event, event.peers)], reply',
    to: 'records: [], reply',
    model: 'two phases',
    rule: onRecord,
  },
  {
    name: 'a commit in one phase is not forced',
    file: vote,
    from: "records: [promise, committed], reply: { id, state: 'committed' }, forced: true }",
    to: "records: [promise, committed], reply: { id, state: 'committed' }, forced: false }",
    model: 'one phase',
    rule: onRecord,
  },
  {
    name: 'a refusal of a commit in one phase is not on record',
    file: vote,
    from: 'return { records: [noOf(event, refusal)], reply, forced: true };',
    to: 'return { records: [], reply, forced: true };',
    model: 'one phase',
    rule: 'agreement',
  },
  {
    name: 'a commit in one phase changes balances that were served',
    file: vote,
    from: 'if (timestamp <= served) {',
    to: 'if (timestamp < 0) {',
    model: 'one phase twice',
    rule: 'nothing commits unseen below what was served',
  },
  {
    name: 'a prepare after the abort is accepted',
    file: vote,
    from: "const reply = { id, vote: 'no', code, ...(account && { account }) } as const;",
    to: "const reply = { id, vote: 'yes' } as const;",
    model: 'two phases',
    rule: onRecord,
  },
  {
    name: 'a prepare below the watermark is accepted',
    file: vote,
    from: "if (isForgotten(state, id)) return refuse(id, 'forgotten');\n  if (conditions",
    to: 'if (conditions',
    model: 'two phases',
    rule: oneAccount,
  },
  {
    name: 'a commit is applied twice',
    file: decision,
    from: "      return { records: [], reply: acknowledge(branch, 'committed'), forced: true };\n",
    to: '',
    model: 'two phases',
    rule: own,
  },
  {
    name: 'the acknowledgement of a commit is not forced',
    file: decision,
    from: "return { records: [committed], reply: { id, state: 'committed' }, forced: true };",
    to: "return { records: [committed], reply: { id, state: 'committed' }, forced: false };",
    model: 'participant crash',
    rule: onRecord,
  },
  {
    name: 'a commit is acknowledged and not booked',
    file: 'participant/apply.ts',
    from: '  state.resource.committed(branch.legs, entries);\n  settle',
    to: '  settle',
    model: 'two phases',
    rule: 'applied once',
  },
  {
    name: 'an abort that comes first leaves no tombstone',
    file: decision,
    from: 'isForgotten(state, id) ? [] : [aborted]',
    to: '[]',
    model: 'one phase',
    rule: 'agreement',
  },
  {
    name: 'a tombstone is not forced',
    file: decision,
    from: "return { records, reply: { id, state: 'aborted' }, forced: true };",
    to: "return { records, reply: { id, state: 'aborted' }, forced: false };",
    model: 'one phase',
    rule: 'agreement',
  },
  {
    name: 'a committed branch acknowledges an abort',
    file: decision,
    from: "return refuse(id, 'already-committed');\n    case 'aborted':",
    to: "case 'aborted':",
    model: 'one phase',
    rule: 'agreement',
  },
  {
    name: 'a peer makes a tombstone below the watermark',
    file: peers,
    from: 'if (!isConfirmed || isForgotten(state, id)) return unknown;',
    to: 'if (!isConfirmed) return unknown;',
    model: 'two phases',
    rule: 'one decision',
  },
  {
    name: 'a peer that is in doubt says committed',
    file: peers,
    from: 'if (!decision) return unknown;',
    to: "if (!decision) return { ...unknown, reply: { id, state: 'committed', timestamp: 1 } };",
    model: 'two phases',
    rule: onRecord,
  },
  {
    name: 'a peer that is in doubt says aborted',
    file: peers,
    from: 'if (!decision) return unknown;',
    to: "if (!decision) return { ...unknown, reply: { id, state: 'aborted' } };",
    model: 'two phases',
    rule: 'answers never change',
  },
  {
    name: 'a peer says aborted and leaves no tombstone',
    file: peers,
    from: "return { records: [tombstone], reply: { id, state: 'aborted' }, forced: true };",
    to: "return { records: [], reply: { id, state: 'aborted' }, forced: true };",
    model: 'two phases',
    rule: 'answers never change',
  },
  {
    name: 'the tombstone of a peer is not forced',
    file: peers,
    from: "return { records: [tombstone], reply: { id, state: 'aborted' }, forced: true };",
    to: "return { records: [tombstone], reply: { id, state: 'aborted' }, forced: false };",
    model: 'participant crash',
    rule: 'answers never change',
  },
  {
    name: 'a hold is not taken',
    file: ledger,
    from: 'if (amount < 0) book.held -= sign * amount;',
    to: 'if (amount < 0) book.held -= 0;',
    model: 'two phases',
    rule: oneAccount,
  },
  {
    name: 'an abort does not release what is held',
    file: ledger,
    from: 'aborted(legs: readonly BranchLeg[]): void {\n    this.#promise(legs, -1);',
    to: 'aborted(legs: readonly BranchLeg[]): void {\n    this.#promise(legs.slice(0, 0), -1);',
    model: 'two phases',
    rule: oneAccount,
  },
  {
    name: 'an account is overdrawn',
    file: ledger,
    from: 'book.posted - debited >= book.minimum;',
    to: 'book.posted >= book.minimum;',
    model: 'two transfers',
    rule: own,
  },
  {
    name: 'no headroom is reserved for credits',
    file: ledger,
    from: 'book.posted + credited <= most;',
    to: 'book.posted <= most;',
    model: 'two transfers to a full account',
    rule: own,
  },
  {
    name: 'the first transfer above the watermark counts as forgotten',
    file: 'participant/state.ts',
    from: 'number >= mark.seq)',
    to: 'number > mark.seq)',
    model: 'watermarks at any time',
    rule: 'everything is resolved once faults end',
  },
  {
    name: 'the watermark lets a promise be forgotten',
    file: 'participant/watermark.ts',
    from: 'if (isDecided && isForgotten(state, id))',
    to: 'if (isForgotten(state, id))',
    model: 'coordinator crash',
    rule: 'one decision',
  },
  {
    name: 'a summary leaves out decided branches',
    file: 'participant/protocol.ts',
    from: "yield { type: 'remembered', branch };",
    to: '',
    model: 'two phases',
    rule: summary,
  },
];

export const machineMutants = [...coordinatorMutants, ...participantMutants];

/** What makes no difference, and why. */
export interface HarmlessMutant extends Mutant {
  readonly model: ModelName;
  readonly because: string;
}

export const harmlessMutants: readonly HarmlessMutant[] = [
  {
    name: 'a second vote overrides the first',
    file: coordinator,
    from: 'transfer && !transfer.decided && isUnvoted(transfer, participant)',
    to: 'transfer && !transfer.decided && transfer.begun.participants.includes(participant)',
    model: 'participant crash',
    because:
      'a yes is forced before it is said, so it holds whatever was said before; a no only aborts',
  },
  {
    name: 'a commit at the very timestamp that balances were served at is let through',
    file: vote,
    from: 'if (timestamp <= served) {',
    to: 'if (timestamp < served) {',
    model: 'one phase twice',
    because: 'balances are served at a timestamp that another transfer has, and those are unique',
  },
  {
    name: 'a prepare from before the last start gets a vote',
    file: 'participant/state.ts',
    from: 'return known !== undefined && known > epoch ? known : undefined;',
    to: 'return undefined;',
    model: 'coordinator crash',
    because: 'the start has aborted what it asks for: nobody counts the vote',
  },
];
