/**
 * What a run of the collection does, in order, folder by folder. An operation that no step names
 * gets one plain request, so nothing here must change when the contract grows.
 */
import type { KeyRole } from '../../http/keys.ts';
import type { JsonObject, Scalar } from './contract.ts';

/** One request, as far as it differs from the plain one of its operation. */
export interface Step {
  readonly operationId: string;
  /** What it shows beyond its operation; of a problem, that is the problem. */
  readonly shows?: string;
  /** The variable with the node's address; every node that serves the operation unless told. */
  readonly at?: 'coordinator' | 'participant' | 'peer';
  /** The name of the body's example; the first one unless told. */
  readonly example?: string;
  /** Fields of the body that differ from the example. */
  readonly body?: JsonObject;
  /** Parameters by name, with what is sent. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Whose key is sent, if not that of the operation's role; null: none. */
  readonly key?: KeyRole | null;
  /** The status it must get; the operation's first 2xx unless told. */
  readonly status?: number;
  /** The code of the error it must get, at the status that the contract gives it. */
  readonly problem?: string;
  /** What the answer's body must have: paths such as `votes[0].vote`, and values or variables. */
  readonly expect?: Readonly<Record<string, Scalar>>;
  /** Headers the answer must have. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Variables that get a fresh UUID before it is sent. */
  readonly fresh?: readonly string[];
  /** Variables, and the path in the answer's body where their value is. */
  readonly save?: Readonly<Record<string, string>>;
}

/**
 * What the contract's examples name, and the variables that stand for it here. They begin with
 * the example's value, and the run fills them with what this cluster answers.
 */
export const variables: readonly { name: string; example: Scalar }[] = [
  { name: 'transferId', example: 'k3f9q2ma-1-42' },
  { name: 'abortedId', example: 'k3f9q2ma-1-43' },
  { name: 'asyncId', example: '' },
  { name: 'reversalId', example: '' },
  { name: 'idempotencyKey', example: '' },
  { name: 'nextCursor', example: '' },
  { name: 'timestamp', example: 42 },
  { name: 'coordinatorStore', example: 'k3f9q2ma' },
  { name: 'coordinatorEpoch', example: 1 },
  { name: 'sequence', example: 812 },
  { name: 'store', example: 'p81dz0qk' },
  { name: 'epoch', example: 1 },
  { name: 'address', example: 'http://127.0.0.1:7701' },
];

const aliceToBob = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 2500, currency: 'USD' };
const bobToAlice = { ...aliceToBob, from: 'bank-b/bob', to: 'bank-a/alice' };

/** Ids of another cluster: nothing here has them. */
const foreign = { transfer: 'zzzzzzzz-1-1', store: 'zzzzzzzz' };

/** What goes out comes back, so that a run leaves both balances as they were. */
const transfers: readonly Step[] = [
  {
    operationId: 'createTransfer',
    fresh: ['idempotencyKey'],
    parameters: { 'Idempotency-Key': '{{idempotencyKey}}', Prefer: 'wait=30' },
    expect: { state: 'committed', applied: true },
    save: { transferId: 'id' },
  },
  {
    operationId: 'createTransfer',
    shows: 'the same key gets the same answer',
    parameters: { 'Idempotency-Key': '{{idempotencyKey}}' },
    expect: { id: '{{transferId}}', state: 'committed' },
    headers: { 'Idempotent-Replayed': 'true' },
  },
  {
    operationId: 'createTransfer',
    problem: 'idempotency-key-reused',
    parameters: { 'Idempotency-Key': '{{idempotencyKey}}' },
    body: { amount: 1 },
  },
  {
    operationId: 'createTransfer',
    shows: 'two legs, there and back',
    example: 'multi',
    body: { legs: [aliceToBob, bobToAlice] },
    parameters: { Prefer: 'wait=30' },
    expect: { state: 'committed', applied: true },
  },
  {
    operationId: 'createTransfer',
    shows: 'back again, without waiting',
    body: bobToAlice,
    parameters: { Prefer: 'respond-async' },
    status: 202,
    headers: { 'Preference-Applied': 'respond-async' },
    save: { asyncId: 'id' },
  },
  {
    operationId: 'getTransfer',
    shows: 'wait for the decision',
    parameters: { id: '{{asyncId}}', Prefer: 'wait=30' },
    expect: { id: '{{asyncId}}', state: 'committed' },
  },
  { operationId: 'getTransfer', expect: { id: '{{transferId}}', state: 'committed' } },
  {
    operationId: 'createTransfer',
    problem: 'invalid-request',
    body: { amount: 25.5 },
    expect: { 'errors[0].pointer': '/amount' },
  },
  {
    operationId: 'createTransfer',
    problem: 'insufficient-funds',
    body: { amount: 99_999_999 },
    expect: { state: 'aborted', 'participants[0].vote': 'no', 'errors[0].pointer': '/from' },
    save: { abortedId: 'transferId' },
  },
  { operationId: 'createTransfer', problem: 'unknown-account', body: { to: 'bank-b/nobody' } },
  { operationId: 'createTransfer', problem: 'unknown-participant', body: { to: 'bank-x/bob' } },
  {
    operationId: 'getTransfer',
    shows: 'an aborted one',
    parameters: { id: '{{abortedId}}' },
    expect: { state: 'aborted', reason: 'insufficient-funds' },
  },
  {
    operationId: 'getTransfer',
    problem: 'transfer-not-found',
    parameters: { id: foreign.transfer },
  },
  {
    operationId: 'createTransfers',
    shows: 'there and back, and one that breaks the contract',
    fresh: ['idempotencyKey'],
    body: {
      transfers: [
        { ...aliceToBob, idempotencyKey: '{{idempotencyKey}}' },
        bobToAlice,
        { ...aliceToBob, amount: 'all' },
      ],
    },
    parameters: { Prefer: 'wait=30' },
    expect: {
      'results[0].status': 201,
      'results[1].transfer.state': 'committed',
      'results[2].problem.errors[0].pointer': '/amount',
    },
  },
  { operationId: 'createTransfers', problem: 'invalid-request', body: { transfers: [] } },
  {
    operationId: 'reverseTransfer',
    shows: 'a part of it',
    example: 'part',
    parameters: { Prefer: 'wait=30' },
    expect: { state: 'committed', reverses: '{{transferId}}', 'legs[0].to': 'bank-a/alice' },
    save: { reversalId: 'id' },
  },
  {
    operationId: 'getTransfer',
    shows: 'one that was moved back in part',
    expect: { 'reversals[0]': '{{reversalId}}' },
  },
  {
    operationId: 'reverseTransfer',
    problem: 'reversal-limit-exceeded',
    body: { amount: 2500 },
  },
  {
    operationId: 'reverseTransfer',
    shows: 'all of a reversal, so that it is as before',
    parameters: { id: '{{reversalId}}', Prefer: 'wait=30' },
    expect: { state: 'committed', 'legs[0].amount': 100, 'legs[0].to': 'bank-b/bob' },
  },
  {
    operationId: 'reverseTransfer',
    problem: 'not-committed',
    parameters: { id: '{{abortedId}}' },
  },
  { operationId: 'cancelTransfer', problem: 'already-decided' },
  {
    operationId: 'cancelTransfer',
    problem: 'transfer-not-found',
    parameters: { id: foreign.transfer },
  },
  {
    operationId: 'getTransferRecords',
    expect: { id: '{{transferId}}', node: 'coordinator', 'records[0].type': 'begun' },
  },
  ...pages('listTransfers'),
  {
    operationId: 'listTransfers',
    problem: 'invalid-cursor',
    parameters: { cursor: '{{nextCursor}}', state: 'aborted' },
  },
  {
    operationId: 'listTransfers',
    shows: 'those of one account that were aborted',
    parameters: { account: 'bank-a/alice', state: 'aborted' },
    expect: { 'data[0].state': 'aborted' },
  },
];

const participants: readonly Step[] = [
  ...pages('listParticipants'),
  {
    operationId: 'listParticipants',
    shows: 'those that are up',
    parameters: { health: 'up' },
    expect: { 'data[0].health': 'up' },
  },
  {
    operationId: 'getParticipant',
    expect: { name: 'bank-a', health: 'up' },
    save: { store: 'store', epoch: 'epoch', address: 'address' },
  },
  {
    operationId: 'getParticipant',
    problem: 'participant-not-found',
    parameters: { name: 'bank-x' },
  },
  { operationId: 'listParticipantAccounts', expect: { 'data[0].id': 'alice' } },
  { operationId: 'getParticipantAccount', expect: { id: 'alice', currency: 'USD' } },
  {
    operationId: 'getParticipantAccount',
    problem: 'account-not-found',
    parameters: { id: 'nobody' },
  },
  {
    operationId: 'getParticipantAccount',
    problem: 'participant-not-found',
    parameters: { name: 'bank-x' },
  },
  ...pages('listParticipantEntries'),
  ...pages('listParticipantBranches'),
  {
    operationId: 'getParticipantBranch',
    expect: { id: '{{transferId}}', state: 'committed' },
  },
  {
    operationId: 'getParticipantBranchRecords',
    expect: { id: '{{transferId}}', node: 'bank-a', 'records[0].type': 'prepared' },
  },
  { operationId: 'resolveParticipantBranch', problem: 'branch-decided' },
  { operationId: 'resolveParticipantBranch', problem: 'forbidden', key: 'participant' },
  { operationId: 'dismissParticipantBranch', problem: 'no-damage' },
];

const accounts: readonly Step[] = [
  {
    operationId: 'openAccount',
    example: 'overdraft',
    body: { id: 'carol-{{$guid}}' },
    expect: { posted: 0, minimum: -50_000 },
  },
  { operationId: 'openAccount', problem: 'account-exists', body: { id: 'alice' } },
  { operationId: 'getAccount', expect: { id: 'alice', currency: 'USD' } },
  {
    operationId: 'getAccount',
    shows: 'bob, at the other bank',
    at: 'peer',
    parameters: { id: 'bob' },
    expect: { id: 'bob', currency: 'USD' },
  },
  { operationId: 'getAccount', problem: 'account-not-found', parameters: { id: 'nobody' } },
  ...pages('listAccounts'),
  {
    operationId: 'listAccounts',
    shows: 'those in USD that are not frozen',
    parameters: { currency: 'USD', frozen: 'false' },
    expect: { 'data[0].currency': 'USD', 'data[0].frozen': false },
  },
  ...pages('listEntries'),
  { operationId: 'freezeAccount', expect: { id: 'alice', frozen: true } },
  { operationId: 'freezeAccount', problem: 'account-not-found', parameters: { id: 'nobody' } },
  { operationId: 'unfreezeAccount', expect: { id: 'alice', frozen: false } },
  ...pages('listBranches'),
  {
    operationId: 'listBranches',
    shows: 'those of one account that are committed',
    parameters: { account: 'alice', state: 'committed' },
    expect: { 'data[0].state': 'committed' },
  },
  {
    operationId: 'getBranch',
    expect: { id: '{{transferId}}', state: 'committed' },
    save: { timestamp: 'timestamp' },
  },
  { operationId: 'getBranch', problem: 'branch-not-found', parameters: { id: foreign.transfer } },
  {
    operationId: 'getBranchRecords',
    expect: { id: '{{transferId}}', 'records[0].id': '{{transferId}}' },
  },
  { operationId: 'resolveBranch', problem: 'branch-decided' },
  { operationId: 'resolveBranch', problem: 'forbidden', key: 'participant' },
  { operationId: 'dismissBranch', problem: 'no-damage' },
];

/** What every message of the coordinator to this participant begins with. */
const envelope = {
  coordinator: { store: '{{coordinatorStore}}', epoch: '{{coordinatorEpoch}}' },
  participant: { store: '{{store}}' },
};

/** Whoever says less than it has said before, or more than there is, is taken for a copy. */
const registration = { epoch: '{{epoch}}', sequence: '{{sequence}}' };

/**
 * Repeats what the nodes have long said to each other about one transfer: it changes nothing. What
 * a participant has forgotten by then is refused or acknowledged like what it remembers.
 */
const protocol: readonly Step[] = [
  {
    operationId: 'getDecision',
    expect: { id: '{{transferId}}', state: 'committed', timestamp: '{{timestamp}}' },
    save: { coordinatorStore: 'coordinator.store', coordinatorEpoch: 'coordinator.epoch' },
  },
  { operationId: 'getDecision', problem: 'unauthenticated', key: null },
  ...pages('listDecisions'),
  {
    operationId: 'listDecisions',
    problem: 'participant-not-found',
    parameters: { participant: 'bank-x' },
  },
  {
    operationId: 'prepare',
    shows: 'too late, it is committed',
    body: { ...envelope, watermark: { epoch: '{{coordinatorEpoch}}', seq: 0 } },
    expect: { 'votes[0].vote': 'refused' },
    save: { sequence: 'participant.sequence' },
  },
  {
    operationId: 'registerParticipant',
    body: registration,
    expect: { name: 'bank-a', store: '{{store}}', state: 'confirmed' },
  },
  {
    operationId: 'registerParticipant',
    problem: 'name-taken',
    body: { store: foreign.store },
  },
  {
    operationId: 'updateParticipant',
    body: { ...registration, address: '{{address}}', timestamp: '{{timestamp}}' },
    expect: { name: 'bank-a', address: '{{address}}', state: 'confirmed' },
  },
  {
    operationId: 'prepare',
    problem: 'wrong-store',
    body: { ...envelope, participant: { store: foreign.store } },
  },
  {
    operationId: 'commit',
    shows: 'once more, it is acknowledged again',
    body: { ...envelope, transfers: [{ id: '{{transferId}}', timestamp: '{{timestamp}}' }] },
    expect: { 'outcomes[0].id': '{{transferId}}', 'outcomes[0].state': 'committed' },
  },
  { operationId: 'commit', problem: 'forbidden', key: 'participant' },
  {
    operationId: 'abort',
    shows: 'too late, it is committed',
    body: { ...envelope, transfers: [{ id: '{{transferId}}' }] },
    expect: { 'outcomes[0].id': '{{transferId}}' },
  },
  {
    operationId: 'commitOnePhase',
    problem: 'wrong-store',
    body: { ...envelope, participant: { store: foreign.store } },
  },
  {
    operationId: 'inquire',
    body: {
      participant: envelope.participant,
      transfers: [{ id: '{{transferId}}', coordinator: envelope.coordinator }],
    },
    expect: { 'outcomes[0].id': '{{transferId}}' },
  },
  {
    operationId: 'inquire',
    problem: 'wrong-store',
    body: { participant: { store: foreign.store } },
  },
  {
    operationId: 'getBalances',
    parameters: { at: '{{timestamp}}' },
    expect: { timestamp: '{{timestamp}}' },
  },
];

export const steps: readonly Step[] = [...transfers, ...participants, ...accounts, ...protocol];

/** The first page of a list with one item, and the page after it. */
function pages(operationId: string): Step[] {
  return [
    { operationId, parameters: { limit: '1' }, save: { nextCursor: 'page.nextCursor' } },
    {
      operationId,
      shows: 'the next page',
      parameters: { limit: '1', cursor: '{{nextCursor}}' },
    },
  ];
}
