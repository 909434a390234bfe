import t from 'tap';
import { at, coordinator, id, idOf, legs, machine, promise } from '../fixtures/machine.ts';

const nobody = [{ account: 'nobody', amount: 5, currency: 'USD' }];
const unknown = (of = id) => ({ records: [], reply: { id: of, state: 'unknown' }, forced: true });

void t.test('a peer hears what is decided', (t) => {
  const { prepare, commit, inquire } = machine();
  t.strictSame(inquire({ id: idOf(9) }, { isConfirmed: false }), unknown(idOf(9)));
  prepare();
  t.strictSame(inquire(), unknown(), 'a promise is no decision');
  commit();
  const reply = { id, state: 'committed', timestamp: 8 };
  t.strictSame(inquire(), { records: [], reply, forced: true });

  const aborted = machine();
  aborted.prepare();
  aborted.abort();
  const no = { records: [], reply: { id, state: 'aborted' }, forced: true };
  t.strictSame(aborted.inquire(), no, 'its record is forced first');
  t.end();
});

void t.test('a peer hears the decision and never what an operator has said', (t) => {
  const { prepare, resolve, commit, inquire, dismiss } = machine();
  prepare();
  resolve('aborted');
  t.strictSame(inquire(), unknown());
  commit();
  t.strictSame(inquire().reply, { id, state: 'committed', timestamp: 8 });
  dismiss();
  t.strictSame(inquire().reply, { id, state: 'committed', timestamp: 8 });
  t.end();
});

void t.test('whoever has never voted makes the transfer impossible before it says so', (t) => {
  const { prepare, inquire, alice } = machine();
  const tombstone = { type: 'aborted', at, id, coordinator };
  const reply = { id, state: 'aborted' };
  t.strictSame(inquire({}, { isConfirmed: false }), unknown(), 'this may be an old copy');
  t.strictSame(inquire(), { records: [tombstone], reply, forced: true });
  t.match(prepare().reply, { vote: 'no', code: 'already-aborted' });
  t.strictSame(alice(), [100, 0]);
  t.end();
});

void t.test('catching up commits what the lost records had promised', (t) => {
  const { catchUp, keep, branch, alice } = machine([], { preparedPerAccount: 0 });
  keep({ type: 'frozen', at, id: 'alice' });
  const entries = [{ account: 'alice', amount: -60, balance: 40 }];
  const records = [
    { type: 'prepared', at, id, ...promise },
    { type: 'committed', at, id, timestamp: 8, entries },
  ];
  const reply = { id, state: 'committed' };
  t.strictSame(catchUp({ timestamp: 8 }), { records, reply, forced: true });
  t.match(branch(), { state: 'committed', timestamp: 8 });
  t.strictSame(catchUp({ timestamp: 8 }), { records: [], reply, forced: true });
  t.strictSame(alice(), [40, 0], 'once, frozen and busy or not');
  t.end();
});

void t.test('catching up commits what is still prepared', (t) => {
  const { prepare, catchUp, alice } = machine();
  prepare();
  const pending = { records: [], reply: { id, state: 'prepared' }, forced: true };
  t.strictSame(catchUp(), pending);
  t.match(catchUp({ timestamp: 8 }).records, [{ type: 'committed' }]);
  t.strictSame(alice(), [40, 0]);
  t.end();
});

void t.test('catching up with what the ledger cannot book is damage', (t) => {
  const { catchUp, branch, dismiss, keep, ledger, log, image } = machine();
  const { records, reply } = catchUp({ timestamp: 8, legs: nobody });
  const damaged = { type: 'damaged', at, id, state: 'committed', timestamp: 8, damage: nobody };
  t.strictSame(records, [{ ...damaged, coordinator }]);
  t.strictSame(reply, { id, state: 'committed', damage: nobody });
  t.match(branch(), { state: 'damaged', legs: nobody, timestamp: 8 });
  t.match(dismiss(), { refusal: { code: 'unknown-account', account: 'nobody' } });
  keep({ type: 'opened', at, id: 'nobody', currency: 'USD', balance: 0, minimum: 0 });
  t.match(dismiss(), { records: [{ entries: [{ balance: 5 }] }] });
  t.equal(ledger.account('nobody')?.posted, 5);
  t.strictSame(machine(log).image(), image());
  t.end();
});

void t.test('what does not fit yet may fit when others have been booked', (t) => {
  const { catchUp, keep, log } = machine();
  const early = { timestamp: 8, legs: nobody, isLast: false };
  const refusal = { records: [], reply: { id, refused: 'unknown-branch' }, forced: true };
  t.strictSame(catchUp(early), refusal);
  t.equal(log.length, 1, 'nothing is on record');
  keep({ type: 'opened', at, id: 'nobody', currency: 'USD', balance: 0, minimum: 0 });
  t.match(catchUp(early).reply, { state: 'committed' });
  t.end();
});

void t.test('what is not decided yet is promised again', (t) => {
  const { catchUp, alice, log } = machine();
  const refusal = { records: [], reply: { id, refused: 'unknown-branch' }, forced: true };
  t.strictSame(catchUp({ legs: nobody }), refusal, 'if it can be');
  const reply = { id, state: 'prepared' };
  t.strictSame(catchUp().records, [{ type: 'prepared', at, id, ...promise }]);
  t.strictSame(catchUp(), { records: [], reply, forced: true });
  t.strictSame(alice(), [100, 60]);
  t.equal(log.length, 2);
  t.end();
});

void t.test('catching up leaves alone what is forgotten, or decided the other way', (t) => {
  const { catchUp, heed, abort, log } = machine();
  abort({ id: idOf(200) });
  heed(1, 101);
  const before = log.length;
  t.strictSame(catchUp({ timestamp: 8 }).reply, { id, state: 'committed' });
  t.strictSame(catchUp().reply, { id, state: 'prepared' });
  const refused = { id: idOf(200), refused: 'already-aborted' };
  t.strictSame(catchUp({ id: idOf(200), timestamp: 8, legs }).reply, refused);
  t.equal(log.length, before);
  t.end();
});
