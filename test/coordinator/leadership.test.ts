/** One of several coordinator processes on a database: it leads, or passes requests on. */
import type { FastifyRequest } from 'fastify';
import t, { type Test } from 'tap';
import { Leadership } from '../../coordinator/leadership.ts';
import { notLeadingAnswer, type NotPassed } from '../../coordinator/pass-on.ts';
import { problem, type Answer } from '../../http/problems.ts';
import { TakenError } from '../../log/store-error.ts';
import type { Store } from '../../log/store.ts';
import { contracts } from '../fixtures/contract.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

const done: Answer = { status: 201, body: { id: 'k3f9q2ma-1-1' } };
const [one, other] = ['http://127.0.0.1:7700', 'http://127.0.0.1:7703'];

/** A promise that the test settles. */
function later<T>() {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => 0, () => 0];
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

interface Opening {
  readonly holder: (address: string | undefined) => void;
  readonly lose: () => void;
  readonly fail: (error: Error) => void;
  readonly take: () => void;
  readonly refuse: (error: Error) => void;
}

/** A process whose database, coordinator and leader are in the hands of the test. */
function aProcess() {
  const clock = new VirtualClock();
  const openings: Opening[] = [];
  const passed: { address: string; answer: (answer: Answer | NotPassed) => void }[] = [];
  const handled: ReturnType<typeof later<Answer>>[] = [];
  const did: string[] = [];
  const store = { place: 'coordinator', identity: {}, close: () => tell('store closed') };
  const tell = (what: string) => {
    did.push(what);
    return Promise.resolve();
  };
  const handle = () => {
    const answer = later<Answer>();
    handled.push(answer);
    return answer.promise;
  };
  const gate = () => problem('overloaded');
  const tenure = {
    handlers: { createTransfer: Object.assign(() => handle(), { gate }), checkReady: handle },
    examples: () => Promise.resolve({ bodies: {} }),
    release: () => void tell('released'),
    close: () => tell('closed'),
    abandon: () => tell('abandoned'),
  };
  const leadership = new Leadership({
    operations: contracts.coordinator.operations,
    open: (holder, onFailure, signal) => {
      const opened = later<Store>();
      signal.addEventListener('abort', () => {
        opened.reject(new Error('stopped'));
      });
      openings.push({
        holder,
        lose: () => {
          onFailure(new Error('writing failed', { cause: new TakenError('taken') }));
        },
        fail: onFailure,
        take: () => {
          opened.resolve(store as unknown as Store);
        },
        refuse: opened.reject,
      });
      return opened.promise;
    },
    begin: () => Promise.resolve(tenure),
    passOn: (address, _operation, _request, signal) => {
      const answer = later<Answer | NotPassed>();
      passed.push({ address, answer: answer.resolve });
      signal.addEventListener('abort', () => {
        answer.resolve({ begun: true, failure: 'cut' });
      });
      return answer.promise;
    },
    clock,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    onFailure: (error) => did.push(error.message),
  });
  const handlers = leadership.handlers();
  const ask = (operationId: string, headers: Record<string, string> = {}, body: object = {}) => {
    const request = { headers, body } as unknown as FastifyRequest;
    const answers: Answer[] = [];
    void handlers[operationId]?.(request).then((answer) => answers.push(answer));
    return answers;
  };
  return { clock, leadership, handlers, openings, passed, handled, did, ask };
}

/** The same, started: it follows `one`. */
async function follower(t: Test) {
  const node = aProcess();
  t.teardown(() => node.leadership.close());
  const started = node.leadership.start();
  node.openings[0]?.holder(one);
  await started;
  return node;
}

async function leader(t: Test) {
  const node = aProcess();
  t.teardown(() => node.leadership.close());
  const started = node.leadership.start();
  node.openings[0]?.take();
  await started;
  return node;
}

void t.test('whoever holds the store answers itself', async (t) => {
  const { ask, handled, passed, handlers, leadership } = await leader(t);
  const answers = ask('createTransfer');
  handled[0]?.resolve(done);
  await settled();
  t.strictSame(answers, [done]);
  t.strictSame(passed, []);
  const request = { headers: {} } as unknown as FastifyRequest;
  t.match(handlers['createTransfer']?.gate?.(request), { status: 503 });
  t.equal(handlers['checkReady']?.gate?.(request), undefined);
  t.strictSame(await leadership.examples(), { bodies: {} });
});

void t.test('whoever does not hold it passes requests on, and gives back what came', async (t) => {
  const { ask, passed, handlers, leadership } = await follower(t);
  const answers = ask('createTransfer');
  t.equal(passed[0]?.address, one);
  const refused = problem('insufficient-funds');
  passed[0]?.answer(refused);
  await settled();
  t.strictSame(answers, [refused]);
  const request = { headers: {} } as unknown as FastifyRequest;
  t.equal(handlers['createTransfer']?.gate?.(request), undefined, 'nothing is refused unread');
  t.strictSame(await leadership.examples(), {});
});

void t.test('a request waits until somebody leads', async (t) => {
  const { ask, passed, openings, clock } = await follower(t);
  openings[0]?.holder(undefined);
  const answers = ask('createTransfer');
  await settled();
  openings[0]?.holder(other);
  await settled();
  t.equal(passed[0]?.address, other);
  passed[0]?.answer(done);
  await settled();
  t.strictSame(answers, [done]);
  t.equal(clock.waiting, 0);
});

void t.test('and is refused when nobody does for long', async (t) => {
  const { ask, openings, clock } = await follower(t);
  openings[0]?.holder(undefined);
  const [answers, health] = [ask('createTransfer'), ask('checkReady')];
  await settled();
  const why = 'no process holds the store at the moment';
  t.match(health, [{ status: 503, body: { code: 'not-ready', detail: why } }], 'at once');
  for (let ms = 0; ms < 10_000; ms += 100) {
    t.strictSame(answers, []);
    clock.advance(100);
    await settled();
  }
  t.match(answers, [{ status: 503, body: { code: 'not-ready', definite: true, detail: why } }]);
});

void t.test('a leader that is gone is not waited for', async (t) => {
  const { ask, passed, openings, clock } = await follower(t);
  const key = { 'idempotency-key': 'k1' };
  const kept = ask('createTransfer', key);
  const bulk = ask('createTransfers', {}, { transfers: [{ idempotencyKey: 'a' }] });
  const [lost, half] = [
    ask('createTransfer'),
    ask('createTransfers', {}, { transfers: [{ idempotencyKey: 'b' }, {}] }),
  ];
  const [cancelled, listed] = [ask('cancelTransfer'), ask('listTransfers')];
  openings[0]?.holder(other);
  await settled();
  for (const answers of [lost, half]) {
    t.match(answers, [{ status: 500, body: { code: 'internal-error', definite: false } }]);
  }
  clock.advance(100);
  await settled();
  t.strictSame(
    passed.map(({ address }) => address),
    [...Array<string>(6).fill(one), ...Array<string>(4).fill(other)],
    'only what may come twice is sent again',
  );
  for (const { answer } of passed.slice(6)) answer(done);
  await settled();
  t.strictSame([kept, bulk, cancelled, listed], Array(4).fill([done]));
});

void t.test('what has not left, or was refused by a follower, is sent again', async (t) => {
  const { ask, passed, clock } = await follower(t);
  const answers = ask('createTransfer');
  passed[0]?.answer({ begun: false, failure: 'the address is refused' });
  await settled();
  clock.advance(100);
  await settled();
  passed[1]?.answer({ begun: false, failure: 'it does not lead any more' });
  await settled();
  t.strictSame(answers, []);
  clock.advance(200);
  await settled();
  passed[2]?.answer(done);
  await settled();
  t.strictSame(answers, [done]);
});

void t.test('what was passed on is passed on no further', async (t) => {
  const { ask, passed } = await follower(t);
  const answers = ask('createTransfer', { 'unanimous-passed-on': 'key' });
  await settled();
  t.strictSame(answers, [notLeadingAnswer(false, 'this process does not hold the store')]);
  t.strictSame(passed, []);
});

void t.test('whoever has begun what was passed on, and loses the store, says so', async (t) => {
  const { ask, openings } = await leader(t);
  const headers = { 'unanimous-passed-on': 'key', 'idempotency-key': 'k1' };
  const answers = ask('createTransfer', headers);
  openings[0]?.lose();
  await settled();
  t.match(answers, [{ status: 500, headers: { 'unanimous-not-leading': 'begun' } }]);
});

void t.test('what only reads has no effect, also where the store was lost', async (t) => {
  const { ask, openings } = await leader(t);
  const answers = ask('checkReady', { 'unanimous-passed-on': 'key' });
  openings[0]?.lose();
  await settled();
  t.match(answers, [{ status: 503, headers: { 'unanimous-not-leading': 'nothing-begun' } }]);
});

void t.test('a refusal of the repetition is no answer to the first request', async (t) => {
  const { ask, passed, clock } = await follower(t);
  const answers = ask('createTransfer', { 'idempotency-key': 'k1' });
  passed[0]?.answer({ begun: true, failure: 'cut' });
  for (const [at, code] of (['overloaded', 'forbidden'] as const).entries()) {
    await settled();
    clock.advance(100 * (at + 1));
    await settled();
    passed[at + 1]?.answer(problem(code));
  }
  await settled();
  t.strictSame(answers, []);
  clock.advance(300);
  await settled();
  passed[3]?.answer(problem('insufficient-funds'));
  await settled();
  t.match(answers, [{ status: 422 }], 'what the leader knows of the key is one');
  const [first, read] = [ask('createTransfer'), ask('listTransfers')];
  passed[4]?.answer(problem('overloaded'));
  passed[5]?.answer({ begun: false, failure: 'cut' });
  await settled();
  t.match(first, [{ status: 503 }], 'and so is any refusal of the first');
  clock.advance(100);
  await settled();
  passed[6]?.answer(problem('overloaded'));
  await settled();
  t.match(read, [{ status: 503 }]);
});

void t.test('a key is none where no transfer begins', async (t) => {
  const { ask, passed } = await follower(t);
  const answers = ask('resolveParticipantBranch', { 'idempotency-key': 'k1' });
  passed[0]?.answer({ begun: true, failure: 'cut' });
  await settled();
  t.match(answers, [{ status: 500 }]);
});

void t.test('whoever loses the store follows: nothing that it computed is told', async (t) => {
  const { ask, handled, openings, passed, did, clock } = await leader(t);
  const [kept, lost] = [ask('createTransfer', { 'idempotency-key': 'k1' }), ask('createTransfer')];
  openings[0]?.lose();
  openings[0]?.lose();
  await settled();
  t.match(lost, [{ status: 500, body: { detail: /another process has taken the store/ } }]);
  t.strictSame(did, ['abandoned']);
  for (const answer of handled) answer.resolve(done);
  openings[1]?.holder(other);
  clock.advance(100);
  await settled();
  t.strictSame(kept, [], 'its own answer counts no more');
  passed[0]?.answer(problem('insufficient-funds'));
  await settled();
  t.match(kept, [{ status: 422 }]);
  openings[1]?.take();
  await settled();
  const again = ask('createTransfer');
  handled[2]?.resolve(done);
  await settled();
  t.strictSame(again, [done], 'and may lead again');
});

void t.test('a store that may not be used ends a start', async (t) => {
  const { leadership, openings, did } = aProcess();
  const started = leadership.start();
  openings[0]?.refuse(new Error('no such store'));
  await t.rejects(started, /no such store/);
  t.strictSame(did, []);
});

void t.test('and, later, the process', async (t) => {
  const { openings, did } = await follower(t);
  openings[0]?.refuse(new Error('the database has lost records'));
  await settled();
  t.strictSame(did, ['the database has lost records']);
  const { openings: own, did: failed } = await leader(t);
  own[0]?.fail(new Error('the log is damaged'));
  t.strictSame(failed, ['the log is damaged']);
  own[0]?.lose();
  await settled();
  own[0]?.fail(new Error('the database is closed'));
  t.strictSame(failed, ['the log is damaged', 'abandoned'], 'what it has left may fail');
});

void t.test('whoever stops gives the store away, and nobody waits any more', async (t) => {
  const { leadership, did } = await leader(t);
  await leadership.close();
  t.strictSame(did.slice(0, 1), ['released']);
  t.equal(did.at(-1), 'closed');
  const waiting = await follower(t);
  waiting.openings[0]?.holder(undefined);
  const answers = waiting.ask('createTransfer');
  await settled();
  await waiting.leadership.close();
  t.match(answers, [{ status: 503 }]);
  t.strictSame(waiting.did, []);
});
