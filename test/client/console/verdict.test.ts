/** What is known of a decision, and what an operator is told about it. */
import t from 'tap';
import {
  adviceOf,
  outcomeOf,
  triesOf,
  verdictOf,
  type Silence,
} from '../../../client/console/verdict.ts';
import { ApiError, type Branch, type Transfer } from '../../../client/sdk/index.ts';

const branch: Branch = {
  id: 'k3f9q2ma-1-42',
  state: 'prepared',
  coordinator: { store: 'k3f9q2ma', epoch: 1 },
  legs: [{ account: 'bob', amount: 25_00, currency: 'USD' }],
  peers: ['bank-a', 'bank-c'],
};

const told = (state: Transfer['state']) => ({
  value: {
    id: branch.id,
    state,
    applied: false,
    legs: [],
    participants: [],
    createdAt: '2026-11-23T10:00:00.000Z',
  },
});

const failed = (code: string) => ({
  error: new ApiError(code, { code, definite: true, retryable: false }),
});

const nobody = new Map<string, { value: Branch }>();
const peer = (changes: Partial<Branch>) =>
  new Map([['bank-a', { value: { ...branch, ...changes } }]]);

void t.test('the decision of the coordinator is the decision', async (t) => {
  const verdict = { decision: 'committed', by: 'coordinator' };
  t.strictSame(verdictOf(told('committed'), peer({ state: 'aborted' })), verdict);
  const silentSince = { ...told('committed'), ...failed('timeout') };
  t.strictSame(verdictOf(silentSince, nobody), verdict, 'also when it does not answer any more');
});

void t.test('what another participant has heard is the decision as well', async (t) => {
  const away = failed('unreachable');
  const by = 'bank-a';
  for (const decision of ['committed', 'aborted'] as const) {
    t.strictSame(verdictOf(away, peer({ state: decision })), { decision, by });
  }
  const damaged = peer({ state: 'damaged', damage: { state: 'aborted', entries: [] } });
  t.strictSame(verdictOf(away, damaged), { decision: 'aborted', by });
});

void t.test(
  'what an operator has settled elsewhere is no decision, nor is a promise',
  async (t) => {
    const away = { decision: undefined, silence: 'away' };
    const at = '2026-11-23T10:00:00.000Z';
    const resolution = { outcome: 'committed', reason: 'a guess', at } as const;
    const guessed = peer({ state: 'resolved', resolution });
    t.strictSame(verdictOf(failed('timeout'), guessed), away);
    t.strictSame(verdictOf(failed('timeout'), peer({})), away);
  },
);

void t.test('why the coordinator does not tell it is told apart', async (t) => {
  const silence = (said: Parameters<typeof verdictOf>[0]) => {
    const verdict = verdictOf(said, nobody);
    return verdict.decision === undefined && verdict.silence;
  };
  t.equal(silence(undefined), 'asking');
  t.equal(silence(told('preparing')), 'undecided');
  t.equal(silence(failed('transfer-not-found')), 'never-begun');
  t.equal(silence(failed('transfer-archived')), 'archived');
  t.equal(silence(failed('unreachable')), 'away');
  t.equal(silence({ ...told('preparing'), ...failed('timeout') }), 'away');
  t.equal(silence({ error: new TypeError('a fault of the page') }), 'away');
});

void t.test('the advice never is to settle by hand what somebody knows', async (t) => {
  const known = adviceOf({ decision: 'aborted', by: 'bank-a' }, branch).join(' ');
  t.match(known, 'bank-a has it as aborted');
  t.match(known, 'If that cannot wait, abort: the other outcome is wrong for certain.');
  const advice = (silence: Silence) => adviceOf({ decision: undefined, silence }, branch).join(' ');
  t.match(advice('away'), 'Bring it back, on its store');
  t.match(advice('undecided'), 'Do not settle it meanwhile');
  t.match(advice('never-begun'), 'store k3f9q2ma began it');
  t.match(advice('never-begun'), 'If there is none, abort, at every participant that has it');
  t.match(advice('archived'), 'archive');
  t.match(advice('asking'), 'has not answered yet');
});

void t.test('what the coordinator has tried is told of this participant alone', async (t) => {
  const at = '2026-11-23T10:00:00.000Z';
  const sent = { node: 'coordinator', at, afterMs: 1, durationMs: 2 };
  const steps = [
    { ...sent, type: 'begun' as const },
    { ...sent, type: 'prepare' as const, to: 'bank-b' },
    { ...sent, type: 'vote' as const, node: 'bank-b', to: 'coordinator' },
    { ...sent, type: 'commit' as const, to: 'bank-a' },
    { ...sent, type: 'commit' as const, to: 'bank-b', attempts: 7, durationMs: null },
  ];
  t.strictSame(triesOf({ steps }, 'bank-b'), [
    'The coordinator has sent it prepare once: answered.',
    'The coordinator has sent it commit 7 times: no answer yet.',
  ]);
});

void t.test('what an operator has achieved is told in words', async (t) => {
  const at = '2026-11-23T12:00:00.000Z';
  const resolution = { outcome: 'aborted', reason: 'lost', at } as const;
  const words = (changes: Partial<Branch>) =>
    outcomeOf({ ...branch, resolution, ...changes }, 'bank-b').join(' ');
  t.match(words({ state: 'resolved' }), 'bank-b has aborted it by hand');
  t.match(words({ state: 'resolved' }), 'goes on asking');
  t.match(words({ state: 'aborted' }), 'The decision is known, and the same');
  t.match(words({ state: 'damaged' }), 'the decision is the other one');
  const dismissal = { reason: 'booked', at };
  const dismissed = { state: 'committed', dismissal: { ...dismissal, compensated: true } } as const;
  t.match(words(dismissed), 'What was missing is booked');
  const elsewhere = { ...dismissed, dismissal: { ...dismissal, compensated: false } };
  t.match(words(elsewhere), 'Nothing was booked');
  const heard = outcomeOf({ ...branch, state: 'committed' }, 'bank-b');
  t.strictSame(heard, ['bank-b has it as committed.']);
});
