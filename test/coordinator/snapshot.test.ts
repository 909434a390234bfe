import t from 'tap';
import { Snapshots, takeSnapshot } from '../../coordinator/snapshot.ts';
import { TransportError, type TransportRequest } from '../../http/transport.ts';
import { contracts } from '../fixtures/contract.ts';

interface Said {
  status: number;
  body: unknown;
}

const member = (name: string) => {
  const store = name.replace('-', '').padEnd(8, '0');
  return { name, store, address: `http://${name}.test`, epoch: 1, seen: 0, quarantined: false };
};

const members = [member('bank-a'), member('bank-b')];

const problem = (status: number, code: string, more: object = {}) => ({
  status,
  body: {
    type: `/problems/${code}`,
    title: 'T',
    status,
    code,
    definite: true,
    retryable: true,
    requestId: 'r',
    ...more,
  },
});

function balances(
  name: string,
  timestamp: number,
  accounts: object[],
  damage: object[] = [],
): Said {
  const participant = { name, store: member(name).store, sequence: 9 };
  return { status: 200, body: { participant, timestamp, accounts, damage } };
}

/** Takes a snapshot of participants that answer as `reply` says; timestamps rise by one. */
async function take(reply: (name: string, at: number) => Said | Promise<Said>) {
  let now = 40;
  const asked: TransportRequest[] = [];
  const outcome = await takeSnapshot({
    members: () => members,
    contract: contracts.participant,
    transport: {
      async send(request) {
        asked.push(request);
        const { hostname, searchParams } = new URL(request.url);
        return reply(hostname.replace('.test', ''), Number(searchParams.get('at')));
      },
      close: async () => undefined,
    },
    keys: () => ['secret'],
    timestamp: () => (now += 1),
    timeoutMs: 700,
  });
  return { outcome, asked };
}

const alice = { account: 'alice', currency: 'USD', posted: 97_500 };
const bob = { account: 'bob', currency: 'USD', posted: 102_500 };
const eve = { account: 'eve', currency: 'EUR', posted: -5 };

void t.test('everybody is asked for one moment, and it is added up by currency', async (t) => {
  const damage = { id: 'k3f9q2ma-1-7', account: 'alice', currency: 'USD', amount: -2_500 };
  const { outcome, asked } = await take((name, at) =>
    name === 'bank-a' ? balances(name, at, [alice, eve], [damage]) : balances(name, at, [bob]),
  );
  const { id: transferId, ...rest } = damage;
  t.strictSame(outcome, {
    outcome: 'taken',
    snapshot: {
      timestamp: 41,
      accounts: [
        { participant: 'bank-a', ...alice },
        { participant: 'bank-a', ...eve },
        { participant: 'bank-b', ...bob },
      ],
      totals: [
        { currency: 'USD', posted: 200_000 },
        { currency: 'EUR', posted: -5 },
      ],
      damage: [{ participant: 'bank-a', transferId, ...rest }],
    },
  });
  t.match(asked, [
    { url: 'http://bank-a.test/balances?at=41&timeoutMs=700', keys: ['secret'], timeoutMs: 1_700 },
    { url: 'http://bank-b.test/balances?at=41&timeoutMs=700' },
  ]);
});

void t.test('a total that no number can hold is not made up', async (t) => {
  const rich = { account: 'rich', currency: 'USD', posted: Number.MAX_SAFE_INTEGER };
  const { outcome } = await take((name, at) => balances(name, at, [rich]));
  t.match(outcome, { snapshot: { totals: [{ currency: 'USD', posted: null }] } });
});

void t.test('transfers that stay in doubt are named, each once', async (t) => {
  const { outcome, asked } = await take((name) => {
    const transfers = ['k3f9q2ma-1-7', ...(name === 'bank-a' ? ['k3f9q2ma-1-8'] : [])];
    return problem(503, 'in-doubt', { transfers });
  });
  t.strictSame(outcome, { outcome: 'in-doubt', transfers: ['k3f9q2ma-1-7', 'k3f9q2ma-1-8'] });
  t.equal(asked.length, 2, 'nobody is asked again');
});

void t.test('a moment that has passed is left for a newer one, three times', async (t) => {
  const once = await take((name, at) =>
    name === 'bank-a' && at === 41 ? problem(409, 'snapshot-expired') : balances(name, at, [alice]),
  );
  t.match(once.outcome, { outcome: 'taken', snapshot: { timestamp: 42 } });
  const never = await take((name, at) =>
    name === 'bank-b' ? problem(409, 'snapshot-expired') : balances(name, at, [alice]),
  );
  t.strictSame(never.outcome, { outcome: 'unavailable', participants: ['bank-b'] });
  t.equal(never.asked.length, 6);
});

void t.test('whoever gives no usable answer is named, and nothing is guessed', async (t) => {
  const unusable: [what: string, reply: (at: number) => Said | Promise<Said>][] = [
    ['nothing', () => Promise.reject(new TransportError('unreachable', 'by the test'))],
    ['another store', (at) => balances('bank-a', at, [alice])],
    ['another moment', (at) => balances('bank-b', at - 1, [bob])],
    ['no contract', () => ({ status: 200, body: { accounts: [bob] } })],
    ['not ready', () => problem(503, 'not-ready')],
  ];
  for (const [what, reply] of unusable) {
    const { outcome } = await take((name, at) =>
      name === 'bank-a' ? balances(name, at, [alice]) : reply(at),
    );
    t.strictSame(outcome, { outcome: 'unavailable', participants: ['bank-b'] }, what);
  }
  const broken = take(() => Promise.reject(new Error('by the test')));
  await t.rejects(broken, /by the test/, 'an error that is not the network is not hidden');
});

void t.test('whoever asks while one is taken shares the next one', async (t) => {
  let now = 40;
  let asked = 0;
  const answers: (() => void)[] = [];
  const snapshots = new Snapshots(() => ({
    members: () => [member('bank-a')],
    contract: contracts.participant,
    transport: {
      send: ({ url }) => {
        asked += 1;
        const at = Number(new URL(url).searchParams.get('at'));
        return new Promise((resolve) => {
          answers.push(() => {
            resolve(balances('bank-a', at, [alice]));
          });
        });
      },
      close: async () => undefined,
    },
    keys: () => [],
    timestamp: () => (now += 1),
    timeoutMs: 700,
  }));
  const first = snapshots.take();
  const others = [snapshots.take(), snapshots.take(), snapshots.take()];
  t.equal(asked, 1, 'one at a time');
  answers.shift()?.();
  t.match(await first, { snapshot: { timestamp: 41 } });
  await new Promise(setImmediate);
  t.equal(asked, 2, 'one for all who came meanwhile');
  const late = snapshots.take();
  answers.shift()?.();
  for (const one of others) t.match(await one, { snapshot: { timestamp: 42 } });
  await new Promise(setImmediate);
  answers.shift()?.();
  t.match(await late, { snapshot: { timestamp: 43 } }, 'what came later has a later one');
  const again = snapshots.take();
  answers.shift()?.();
  t.match(await again, { snapshot: { timestamp: 44 } });
});
