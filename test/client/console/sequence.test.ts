import t from 'tap';
import { layOut, type Sequence, type Shape } from '../../../client/console/sequence.ts';
import type { Branch, Timeline, TimelineStep } from '../../../client/sdk/index.ts';

const at = '2026-11-23T10:00:00.000Z';
const inDoubt: Branch = {
  id: 'k3f9q2ma-1-42',
  state: 'prepared',
  coordinator: { store: 'k3f9q2ma', epoch: 1 },
  legs: [{ account: 'bob', amount: 2500, currency: 'USD' }],
  peers: ['bank-a'],
  preparedAt: '2026-11-23T10:00:00.004Z',
};

/** A step each, a millisecond after the one before unless it says otherwise. */
function timeline(
  state: Timeline['state'],
  steps: Partial<TimelineStep>[],
  nodes = ['coordinator', 'bank-a', 'bank-b'],
): Timeline {
  const [id, node] = ['k3f9q2ma-1-42', 'coordinator'];
  const filled = steps.map((step, index) => {
    return { type: 'begun' as const, node, at, afterMs: index, durationMs: 0, ...step };
  });
  return { id, state, createdAt: at, nodes, steps: filled };
}

const ask = (type: TimelineStep['type'], to: string, rest: Partial<TimelineStep> = {}) => ({
  type,
  to,
  durationMs: 3,
  ...rest,
});
const forced = (type: TimelineStep['type'], node: string) => ({
  type,
  node,
  forced: true as const,
  durationMs: 0.9,
});
const vote = (node: string, said: 'yes' | 'no', rest: Partial<TimelineStep> = {}) => ({
  type: 'vote' as const,
  node,
  to: 'coordinator',
  vote: said,
  ...rest,
});
const done = (node: string, state: 'committed' | 'aborted', rest: Partial<TimelineStep> = {}) => ({
  type: 'acknowledge' as const,
  node,
  to: 'coordinator',
  state,
  ...rest,
});
const decided = (state: 'committed' | 'aborted', rest: Partial<TimelineStep> = {}) => ({
  type: 'decided' as const,
  forced: true as const,
  durationMs: 0.8,
  state,
  ...rest,
});

const signs: Readonly<Record<Shape, string>> = {
  message: '-->',
  open: '--o',
  lost: '--x',
  forced: '[#]',
  noted: '(o)',
};

/** A diagram as lines: when, where, what; then who is in doubt over which rows. */
function drawn({ lifelines, rows, doubts }: Sequence): string {
  const lines = rows.map(({ time, from, to, shape, label }) => {
    const way = from === to ? '' : `${lifelines[to]}`;
    return `${time.padStart(9)}  ${lifelines[from]} ${signs[shape]} ${way}: ${label}`;
  });
  const spans = doubts.map(({ column, fromRow, toRow }) => {
    return `${lifelines[column]} in doubt from ${fromRow} to ${toRow ?? 'now'}`;
  });
  return [...lines, ...spans].join('\n').replaceAll(' : ', ': ');
}

void t.test('a commit', async (t) => {
  const told = timeline('committed', [
    {},
    ask('prepare', 'bank-a'),
    ask('prepare', 'bank-b'),
    forced('prepared', 'bank-a'),
    vote('bank-a', 'yes'),
    forced('prepared', 'bank-b'),
    vote('bank-b', 'yes'),
    decided('committed', { timestamp: 42 }),
    ask('commit', 'bank-a', { afterMs: 8 }),
    ask('commit', 'bank-b', { afterMs: 8 }),
    forced('committed', 'bank-a'),
    done('bank-a', 'committed'),
    forced('committed', 'bank-b'),
    done('bank-b', 'committed'),
    { type: 'ended' },
  ]);
  t.equal(
    drawn(layOut(told)),
    `
  0.00 ms  client --> coordinator: transfer
  0.00 ms  coordinator (o): begun
  1.00 ms  coordinator --> bank-a: prepare
  2.00 ms  coordinator --> bank-b: prepare
  3.00 ms  bank-a [#]: prepared
  4.00 ms  bank-a --> coordinator: yes
  5.00 ms  bank-b [#]: prepared
  6.00 ms  bank-b --> coordinator: yes
  7.00 ms  coordinator [#]: decided: committed
  7.80 ms  coordinator --> client: committed
  8.00 ms  coordinator --> bank-a: commit
  8.00 ms  coordinator --> bank-b: commit
 10.00 ms  bank-a [#]: committed
 11.00 ms  bank-a --> coordinator: done
 12.00 ms  bank-b [#]: committed
 13.00 ms  bank-b --> coordinator: done
 14.00 ms  coordinator (o): ended
bank-a in doubt from 4 to 12
bank-b in doubt from 6 to 14
`.slice(1, -1),
  );
});

void t.test('an abort by a no', async (t) => {
  const told = timeline('aborted', [
    {},
    ask('prepare', 'bank-a'),
    ask('prepare', 'bank-b'),
    vote('bank-a', 'no', { code: 'insufficient-funds', account: 'alice' }),
    forced('prepared', 'bank-b'),
    vote('bank-b', 'yes'),
    decided('aborted', { reason: 'insufficient-funds' }),
    ask('abort', 'bank-b'),
    done('bank-b', 'aborted'),
    { type: 'ended' },
  ]);
  const sequence = layOut(told);
  t.equal(
    drawn(sequence),
    `
  0.00 ms  client --> coordinator: transfer
  0.00 ms  coordinator (o): begun
  1.00 ms  coordinator --> bank-a: prepare
  2.00 ms  coordinator --> bank-b: prepare
  3.00 ms  bank-a --> coordinator: no: insufficient-funds
  4.00 ms  bank-b [#]: prepared
  5.00 ms  bank-b --> coordinator: yes
  6.00 ms  coordinator [#]: decided: aborted
  6.80 ms  coordinator --> client: aborted
  7.00 ms  coordinator --> bank-b: abort
  8.00 ms  bank-b --> coordinator: done
  9.00 ms  coordinator (o): ended
bank-b in doubt from 5 to 10
`.slice(1, -1),
  );
  t.equal(sequence.rows[4]?.text, 'bank-a votes no (insufficient-funds on alice).');
  t.match(
    sequence.rows[7]?.text,
    /decides: aborted \(insufficient-funds\), forced to disk in 0\.80/,
  );
});

void t.test('a vote that does not come in time', async (t) => {
  const unheard = { durationMs: null, attempts: 3, lastAfterMs: 4.5 };
  const waiting = [{}, ask('prepare', 'bank-a'), ask('prepare', 'bank-b', unheard)];
  const yes = [forced('prepared', 'bank-a'), vote('bank-a', 'yes')];
  t.equal(
    drawn(layOut(timeline('preparing', [...waiting, ...yes]))),
    `
  0.00 ms  client --> coordinator: transfer
  0.00 ms  coordinator (o): begun
  1.00 ms  coordinator --> bank-a: prepare
  2.00 ms  coordinator --x bank-b: prepare
  3.00 ms  bank-a [#]: prepared
  4.00 ms  bank-a --> coordinator: yes
  4.50 ms  coordinator --o bank-b: prepare, again ×2
bank-a in doubt from 4 to now
`.slice(1, -1),
    'is waited for',
  );
  const over = [decided('aborted', { reason: 'vote-timeout' }), ask('abort', 'bank-a')];
  const owed = ask('abort', 'bank-b', { durationMs: null });
  t.equal(
    drawn(layOut(timeline('aborted', [...waiting, ...yes, ...over, owed]))),
    `
  0.00 ms  client --> coordinator: transfer
  0.00 ms  coordinator (o): begun
  1.00 ms  coordinator --> bank-a: prepare
  2.00 ms  coordinator --x bank-b: prepare
  3.00 ms  bank-a [#]: prepared
  4.00 ms  bank-a --> coordinator: yes
  4.50 ms  coordinator --x bank-b: prepare, again ×2
  5.00 ms  coordinator [#]: decided: aborted
  5.80 ms  coordinator --> client: aborted
  6.00 ms  coordinator --> bank-a: abort
  7.00 ms  coordinator --o bank-b: abort
bank-a in doubt from 4 to now
`.slice(1, -1),
    'until the decision, and not after it',
  );
});

void t.test('doubt that lasts, and then a commit', async (t) => {
  const votes = [
    {},
    ask('prepare', 'bank-a'),
    ask('prepare', 'bank-b'),
    vote('bank-a', 'yes'),
    vote('bank-b', 'yes'),
    decided('committed'),
    ask('commit', 'bank-a', { durationMs: 2 }),
  ];
  const owed = ask('commit', 'bank-b', { durationMs: null });
  const confirmed = done('bank-a', 'committed');
  t.match(
    drawn(layOut(timeline('committed', [...votes, owed, confirmed]))),
    `
  7.00 ms  coordinator --o bank-b: commit
  8.00 ms  bank-a --> coordinator: done
bank-a in doubt from 4 to 10
bank-b in doubt from 5 to now`,
  );
  const heard = ask('commit', 'bank-b', { durationMs: 93, attempts: 2, lastAfterMs: 98 });
  const end = [
    forced('committed', 'bank-b'),
    done('bank-b', 'committed'),
    { type: 'ended' as const },
  ];
  const late = end.map((step, index) => ({ ...step, afterMs: 99 + index }));
  t.match(
    drawn(layOut(timeline('committed', [...votes, heard, confirmed, ...late]))),
    `
  7.00 ms  coordinator --x bank-b: commit
  8.00 ms  bank-a --> coordinator: done
 98.00 ms  coordinator --> bank-b: commit, again
 99.00 ms  bank-b [#]: committed
100.00 ms  bank-b --> coordinator: done
101.00 ms  coordinator (o): ended
bank-a in doubt from 4 to 10
bank-b in doubt from 5 to 12`,
  );
});

void t.test('one phase', async (t) => {
  const alone = ['coordinator', 'bank-a'];
  const asked = (rest: Partial<TimelineStep> = {}) => ask('commit-one-phase', 'bank-a', rest);
  const told = [{}, asked(), forced('committed', 'bank-a'), done('bank-a', 'committed')];
  t.equal(
    drawn(layOut(timeline('committed', [...told, decided('committed'), { type: 'ended' }], alone))),
    `
  0.00 ms  client --> coordinator: transfer
  0.00 ms  coordinator (o): begun
  1.00 ms  coordinator --> bank-a: commit-one-phase
  2.00 ms  bank-a [#]: committed
  3.00 ms  bank-a --> coordinator: done
  4.00 ms  coordinator [#]: decided: committed
  4.80 ms  coordinator --> client: committed
  5.00 ms  coordinator (o): ended
`.slice(1, -1),
  );
  const open = layOut(timeline('preparing', [{}, asked({ durationMs: null })], alone));
  t.match(drawn(open), 'coordinator --o bank-a: commit-one-phase');
});

void t.test('what only a participant knows is drawn by its own word', async (t) => {
  const asked = [{}, ask('prepare', 'bank-a'), ask('prepare', 'bank-b', { durationMs: null })];
  const lost = layOut(timeline('preparing', asked), new Map([['bank-b', inDoubt]]));
  t.match(
    drawn(lost),
    `
  2.00 ms  coordinator --o bank-b: prepare
≈ 4.00 ms  bank-b [#]: prepared
bank-b in doubt from 4 to now`,
    'a vote that was lost',
  );
  const owed = [
    ...asked.slice(0, 2),
    ask('prepare', 'bank-b'),
    vote('bank-b', 'yes'),
    decided('committed'),
    ask('commit', 'bank-b', { durationMs: null }),
  ];
  const knows: Branch = { ...inDoubt, state: 'committed', decidedAt: '2026-11-23T09:59:59.000Z' };
  t.match(
    drawn(layOut(timeline('committed', owed), new Map([['bank-b', knows]]))),
    `
  5.00 ms  coordinator --o bank-b: commit
≈ 0.00 ms  bank-b [#]: committed
bank-b in doubt from 4 to 8`,
    'an answer to its inquiry, after what led to it whatever its clock says',
  );
  const resolution = { outcome: 'aborted', reason: 'x', at: '2026-11-23T10:00:09.000Z' } as const;
  const settled: Branch = { ...inDoubt, state: 'resolved', resolution };
  t.match(
    drawn(layOut(timeline('committed', owed), new Map([['bank-b', settled]]))),
    `
 ≈ 9.00 s  bank-b [#]: resolved
bank-b in doubt from 4 to 8`,
    'an operator',
  );
  const no = [...asked.slice(0, 2), vote('bank-a', 'no', { code: 'busy' }), decided('aborted')];
  const refused: Branch = { ...inDoubt, state: 'aborted', code: 'busy', decidedAt: at };
  const drawnTwice = layOut(timeline('aborted', no), new Map([['bank-a', refused]]));
  t.same(drawnTwice, layOut(timeline('aborted', no)), 'what was heard is not drawn twice');
});

void t.test(
  'whoever is in doubt asks, and stays so until it has done what it is told',
  async (t) => {
    const inquiry = {
      type: 'inquiry' as const,
      node: 'bank-b',
      to: 'coordinator',
      durationMs: null,
    };
    const told = layOut(
      timeline('committed', [
        {},
        ask('prepare', 'bank-b'),
        vote('bank-b', 'yes'),
        { ...inquiry, attempts: 3, lastAfterMs: 3.5 },
        decided('committed'),
        { ...inquiry, state: 'committed' },
        done('bank-b', 'committed'),
      ]),
    );
    t.match(
      drawn(told),
      `
  3.00 ms  bank-b --> coordinator: inquiry: wait
  3.50 ms  bank-b --> coordinator: inquiry: wait, again ×2
  4.00 ms  coordinator [#]: decided: committed
  4.80 ms  coordinator --> client: committed
  5.00 ms  bank-b --> coordinator: inquiry: committed
  6.00 ms  bank-b --> coordinator: done
bank-b in doubt from 3 to 9`,
    );
    t.equal(new Set(told.rows.map(({ key }) => key)).size, told.rows.length);
    const said = told.rows.filter(({ label }) => label.startsWith('inquiry'));
    t.strictSame(
      said.map(({ text, look }) => [text, look]),
      [
        ['bank-b asks what was decided; the answer is that nothing is yet.', 'wait'],
        ['bank-b asks what was decided; the answer is that nothing is yet.', 'wait'],
        ['bank-b asks what was decided; the answer is committed.', 'good'],
      ],
    );
    const abort = timeline('aborted', [{}, decided('aborted'), { ...inquiry, state: 'aborted' }]);
    t.equal(layOut(abort).rows.at(-1)?.look, 'bad');
  },
);

void t.test('twenty participants have a column each, and every row a key of its own', async (t) => {
  const banks = Array.from({ length: 20 }, (_, index) => `bank-${index + 1}`);
  const told = timeline(
    'committed',
    [
      {},
      ...banks.map((name) => ask('prepare', name, { attempts: 2, lastAfterMs: 20.5 })),
      ...banks.flatMap((name) => [forced('prepared', name), vote(name, 'yes')]),
      decided('committed'),
      ...banks.map((name) => ask('commit', name)),
      ...banks.flatMap((name) => [forced('committed', name), done(name, 'committed')]),
      { type: 'ended' },
    ],
    ['coordinator', ...banks],
  );
  const { lifelines, rows, doubts } = layOut(told);
  t.same(lifelines, ['client', 'coordinator', ...banks]);
  t.equal(rows.length, told.steps.length + 22, 'with two of the client, and the repeats');
  t.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
  t.same(
    doubts.map(({ column }) => column),
    banks.map((_, index) => index + 2),
  );
  t.ok(doubts.every(({ toRow }) => toRow !== undefined));
});

void t.test('a code of any length leaves room for its neighbours', async (t) => {
  const code = 'a-reason-of-a-ledger-that-is-not-ours';
  const told = timeline('aborted', [
    {},
    vote('bank-a', 'no', { code }),
    done('bank-a', 'aborted', { code }),
  ]);
  const [, , no, confirmed] = layOut(told).rows;
  t.equal(no?.label, 'no: a-reason-of-a-led…');
  t.equal(no?.text, `bank-a votes no (${code}).`, 'the sentence has it whole');
  t.equal(confirmed?.text, `bank-a confirms: aborted (${code}).`);
});
