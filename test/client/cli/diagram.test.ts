import t from 'tap';
import { diagram, ms } from '../../../client/cli/diagram.ts';
import type { Timeline, TimelineStep } from '../../../client/sdk/index.ts';

const at = '2026-11-23T10:00:00.000Z';

/** A timeline of these steps, each a millisecond after the one before. */
function timeline(steps: Partial<TimelineStep>[], nodes = ['coordinator', 'bank-a', 'bank-b']) {
  const told: Timeline = {
    id: 'k3f9q2ma-1-42',
    state: 'committed',
    createdAt: at,
    nodes,
    steps: steps.map((step, index) => ({
      type: 'begun',
      node: 'coordinator',
      at,
      afterMs: index,
      durationMs: 0,
      ...step,
    })),
  };
  return told;
}

const committed = timeline([
  {},
  { type: 'prepare', to: 'bank-a', durationMs: 3 },
  { type: 'prepare', to: 'bank-b', durationMs: 6.5, attempts: 2 },
  { type: 'prepared', node: 'bank-a', forced: true, durationMs: 0.9 },
  { type: 'vote', node: 'bank-a', to: 'coordinator', vote: 'yes' },
  { type: 'prepared', node: 'bank-b', forced: true, durationMs: 0.91 },
  { type: 'vote', node: 'bank-b', to: 'coordinator', vote: 'yes' },
  { type: 'decided', forced: true, durationMs: 0.84, state: 'committed', timestamp: 42 },
  { type: 'commit', to: 'bank-a', durationMs: null },
  { type: 'acknowledge', node: 'bank-b', to: 'coordinator', state: 'committed' },
  { type: 'ended' },
]);

void t.test('a diagram shows who sent what, what was forced, and how long it took', (t) => {
  t.equal(
    diagram(committed, 80).join('\n'),
    `
          coordinator       bank-a          bank-b
    0.00 ms    ● begun         │               │
    1.00 ms    ├── prepare ───►│               │            answer in 3.00 ms
    2.00 ms    ├───────────────┼── prepare ───►│            answer in 6.50 ms, sent 2 times
    3.00 ms    │               ■ prepared      │            forced in 0.90 ms
    4.00 ms    │◄─ yes ────────┤               │
    5.00 ms    │               │               ■ prepared   forced in 0.91 ms
    6.00 ms    │◄──────────────┼── yes ────────┤
    7.00 ms    ■ committed     │               │            forced in 0.84 ms
    8.00 ms    ├── commit ────►│               │            no answer yet
    9.00 ms    │◄──────────────┼── done ───────┤
   10.00 ms    ● ended         │               │
`.slice(1, -1),
  );
  t.end();
});

void t.test('a wide terminal gets a wide diagram, and a narrow one a table', (t) => {
  const widest = (width: number) =>
    Math.max(...diagram(committed, width).map((line) => line.length));
  t.ok(widest(200) > widest(80));
  t.equal(widest(200), widest(300), 'but not wider than reads well');
  const [head, , prepare] = diagram(committed, 78);
  t.match(head, /^AFTER +WHERE +WHAT/);
  t.match(prepare, /^1\.00 ms +coordinator → bank-a +prepare +answer in 3\.00 ms$/);
  const many = timeline([{}], ['coordinator', ...Array.from({ length: 9 }, (_, n) => `bank-${n}`)]);
  t.match(diagram(many, 120)[0], /^AFTER/, 'many participants need a table as well');
  const long = timeline([{}], ['coordinator', 'a'.repeat(63)]);
  t.match(diagram(long, 80)[0], /^AFTER/, 'and so do long names');
  t.end();
});

void t.test('inquiries say what was answered', (t) => {
  const inquiry = { type: 'inquiry' as const, node: 'bank-b', to: 'coordinator', durationMs: null };
  const lines = diagram(timeline([inquiry, { ...inquiry, state: 'aborted', attempts: 4 }]), 100);
  t.match(lines[1], /◄─+┼─+ inquiry ─+┤ +told: nothing is decided yet$/);
  t.match(lines[2], /◄─+┼─+ inquiry ─+┤ +told: aborted, asked 4 times$/);
  t.end();
});

void t.test('a no and an abort say why', (t) => {
  const lines = diagram(
    timeline([
      {
        type: 'vote',
        node: 'bank-a',
        to: 'coordinator',
        vote: 'no',
        code: 'insufficient-funds',
      },
      {
        type: 'decided',
        forced: true,
        durationMs: null,
        state: 'aborted',
        reason: 'insufficient-funds',
      },
    ]),
    200,
  );
  t.match(lines[1], /│◄─ no: insufficient-… ─+┤/);
  t.match(lines[2], /■ aborted .* insufficient-funds$/, 'the duration is not on record');
  t.end();
});

void t.test('a transfer that one participant decides has one message and its answer', (t) => {
  const steps: Partial<TimelineStep>[] = [
    {},
    { type: 'commit-one-phase', to: 'bank-a', durationMs: 3 },
    { type: 'committed', node: 'bank-a', forced: true, durationMs: 0.9 },
    { type: 'acknowledge', node: 'bank-a', to: 'coordinator', state: 'committed' },
  ];
  const refused = { state: 'aborted', code: 'busy' } as const;
  const lines = (last: Partial<TimelineStep>) =>
    diagram(
      timeline([...steps.slice(0, 3), { ...steps[3], ...last }], ['coordinator', 'bank-a']),
      80,
    );
  t.match(lines({})[2], /├─+ commit-one-phase ─+►│ +answer in 3\.00 ms$/);
  t.match(lines({})[4], /│◄─+ done ─+┤/);
  t.match(lines(refused)[4], /│◄─+ no: busy ─+┤/);
  t.end();
});

void t.test('durations are written as people read them', (t) => {
  t.equal(ms(0.5), '0.50 ms');
  t.equal(ms(999.99), '999.99 ms');
  t.equal(ms(1_500), '1.50 s');
  t.equal(ms(99_999), '100.00 s');
  t.equal(ms(3_600_000), '3600 s');
  t.end();
});
