import t from 'tap';
import type { Ballot, Decided, Transfer } from '../../coordinator/protocol.ts';
import {
  explain,
  pointerTo,
  reasonCode,
  refusedFields,
  viewParticipant,
  viewTransfer,
} from '../../coordinator/views.ts';

const at = '2026-11-23T10:00:00.000Z';
const id = 'k3f9q2ma-1-1';
const leg = { from: 'bank-a/alice', to: 'bank-b/bob', amount: 1, currency: 'USD' };
const committed: Decided = { type: 'decided', at, id, votes: {}, state: 'committed', timestamp: 4 };
const aborted: Decided = { type: 'decided', at, id, votes: {}, state: 'aborted', reason: 'own' };

function transfer(votes: Record<string, Ballot> = {}, more: Partial<Transfer> = {}): Transfer {
  const participants = ['bank-a', 'bank-b'];
  const begun = { type: 'begun', at, id, participants, lowerTs: 0, legs: [leg], timeoutMs: 70 };
  return {
    begun: begun as Transfer['begun'],
    votes: new Map(Object.entries(votes)),
    acknowledged: new Set(),
    damage: new Map(),
    expired: undefined,
    decided: undefined,
    ended: undefined,
    ...more,
  };
}

const unreversed = { reversals: new Map() };
const ended = { type: 'ended', at, id } as const;
const yes: Ballot = { vote: 'yes' };
const no: Ballot = { vote: 'no', code: 'insufficient-funds', account: 'alice' };

void t.test('a transfer is shown with what is known and nothing else', (t) => {
  const none = { vote: 'none', state: 'preparing' };
  const names = [
    { name: 'bank-a', ...none },
    { name: 'bank-b', ...none },
  ];
  const shown = { id, legs: [leg], participants: names, createdAt: at };
  t.strictSame(viewTransfer(transfer(), unreversed), {
    ...shown,
    state: 'preparing',
    applied: false,
  });
  const asked = transfer();
  const begun = { ...asked.begun, reference: 'r', metadata: { a: 'b' }, key: 'secret' };
  t.match(viewTransfer({ ...asked, begun }, unreversed), { reference: 'r', metadata: { a: 'b' } });
  t.notMatch(JSON.stringify(viewTransfer({ ...asked, begun }, unreversed)), /secret/);
  const done = viewTransfer(transfer({}, { decided: committed, ended }), unreversed);
  t.match(done, { state: 'committed', applied: true, timestamp: 4, decidedAt: at });
  t.match(viewTransfer(transfer({}, { decided: committed }), unreversed), { applied: false });
  const not = viewTransfer(transfer({}, { decided: aborted, ended }), unreversed);
  t.match(not, { state: 'aborted', applied: false, reason: 'refused-by-participant' });
  t.end();
});

void t.test('a participant is shown in the state that it is known to be in', (t) => {
  const state = (votes: Record<string, Ballot>, more: Partial<Transfer> = {}) =>
    viewParticipant(transfer(votes, more), 'bank-a').state;
  const acknowledged = new Set(['bank-a']);
  t.equal(state({}), 'preparing');
  t.equal(state({ 'bank-a': yes }), 'prepared');
  t.equal(state({ 'bank-a': no }), 'aborted');
  t.equal(state({ 'bank-a': yes }, { decided: aborted }), 'aborted');
  t.equal(state({ 'bank-a': yes }, { decided: committed }), 'prepared');
  t.equal(state({ 'bank-a': yes }, { decided: committed, acknowledged }), 'committed');
  t.equal(state({ 'bank-a': yes }, { decided: committed, ended }), 'committed');
  t.strictSame(viewParticipant(transfer({ 'bank-a': no }), 'bank-a'), {
    name: 'bank-a',
    ...no,
    state: 'aborted',
  });
  t.end();
});

void t.test('only reasons for an abort become its code', (t) => {
  for (const code of ['insufficient-funds', 'vote-timeout', 'coordinator-restarted']) {
    t.equal(reasonCode(code), code);
  }
  for (const code of ['quota-reached', 'internal-error', 'unknown-participant', 'not-found']) {
    t.equal(reasonCode(code), 'refused-by-participant', code);
  }
  t.end();
});

void t.test('an abort is explained by noes, by missing votes or by a restart', (t) => {
  t.equal(
    explain(transfer({ 'bank-a': no, 'bank-b': { vote: 'no' } })),
    'bank-a voted no (insufficient-funds on alice); bank-b voted no (without a reason)',
  );
  const missing = 'no vote of bank-b was counted within 70 ms';
  t.equal(explain(transfer({ 'bank-a': yes })), missing);
  const decided = { ...aborted, reason: 'coordinator-restarted' } as const;
  t.equal(explain(transfer({}, { decided })), 'the coordinator stopped before it had decided');
  t.end();
});

void t.test('a refusal points at the fields of the request that it is about', (t) => {
  t.equal(pointerTo([leg], 0, 'from'), '/from');
  t.equal(pointerTo([leg, leg], 1, 'to'), '/legs/1/to');
  const pointers = (votes: Record<string, Ballot>, legs = [leg]) => {
    const one = transfer(votes);
    return refusedFields({ ...one, begun: { ...one.begun, legs } }).map(({ pointer }) => pointer);
  };
  t.strictSame(pointers({ 'bank-a': no, 'bank-b': yes }), ['/from']);
  t.strictSame(pointers({ 'bank-a': { vote: 'no', code: 'insufficient-funds' } }), []);
  const back = { ...leg, from: 'bank-b/bob', to: 'bank-a/alice' };
  const both = [leg, back, { ...leg, from: 'bank-a/carol' }];
  t.strictSame(pointers({ 'bank-a': no }, both), ['/legs/0/from']);
  const full: Ballot = { vote: 'no', code: 'balance-limit-exceeded', account: 'alice' };
  t.strictSame(pointers({ 'bank-a': full }, both), ['/legs/1/to']);
  const unknown: Ballot = { vote: 'no', account: 'alice' };
  t.strictSame(pointers({ 'bank-a': unknown }, both), ['/legs/0/from', '/legs/1/to']);
  const [field] = refusedFields(transfer({ 'bank-a': unknown }));
  t.equal(field?.detail, 'bank-a/alice was refused: without a reason');
  t.end();
});
