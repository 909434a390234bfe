import t from 'tap';
import {
  concernsOf,
  damageConcerns,
  stillWaiting,
  type Waiting,
} from '../../../client/console/attention.ts';
import type { ParticipantInfo } from '../../../client/sdk/index.ts';

const participant = (more: Partial<ParticipantInfo> = {}): ParticipantInfo => ({
  name: 'bank-a',
  store: 'p81dz0qk',
  epoch: 1,
  address: 'http://127.0.0.1:7701',
  health: 'up',
  lastSeenAt: '2026-11-23T10:00:00.000Z',
  inDoubt: [],
  ...more,
});

const none: Waiting = new Map();
const unknown = () => undefined;

void t.test('a participant that is well needs no attention', async (t) => {
  t.strictSame(concernsOf([participant()], none, 0), []);
});

void t.test('one that is down is told with the reason, and when it was seen', async (t) => {
  const [concern] = concernsOf([participant({ health: 'down', reason: 'refused' })], none, 0);
  t.match(concern, { look: 'bad', text: /bank-a does not answer: refused.*2026-11-23T10:00/ });
  const [never] = concernsOf([participant({ health: 'down', lastSeenAt: null })], none, 0);
  t.match(never, { text: /not since the coordinator started/ });
});

void t.test('one in quarantine is told of, also while it answers', async (t) => {
  const [concern] = concernsOf([participant({ quarantined: true })], none, 0);
  t.match(concern, { look: 'bad', text: /bank-a has an old copy of its store/ });
});

void t.test('a transfer in doubt is told once that has lasted, and since when', async (t) => {
  const them = [participant({ inDoubt: ['k3f9q2ma-1-1', 'k3f9q2ma-1-2'] })];
  const first = stillWaiting(none, them, unknown, 10_000);
  t.strictSame(concernsOf(them, first, 13_999), [], 'most are only under way');
  t.match(concernsOf(them, first, 14_000), [
    { look: 'wait', text: '2 transfers are in doubt at bank-a, for 4 s.' },
  ]);
  const later = stillWaiting(first, them, unknown, 20_000);
  t.match(concernsOf(them, later, 70_000), [{ text: /for 1 min/ }], 'it goes on waiting');
});

void t.test('where it is known when a transfer was begun, it is in doubt since then', async (t) => {
  const them = [participant({ inDoubt: ['k3f9q2ma-1-1'] })];
  const waiting = stillWaiting(none, them, () => 1_000, 121_000);
  t.match(concernsOf(them, waiting, 121_000), [
    { text: '1 transfer is in doubt at bank-a, for 2 min.' },
  ]);
});

void t.test('what is confirmed waits no longer, and is forgotten', async (t) => {
  const them = [participant({ inDoubt: ['k3f9q2ma-1-1'] })];
  const waiting = stillWaiting(none, them, unknown, 0);
  t.equal(stillWaiting(waiting, [participant()], unknown, 1).size, 0);
});

void t.test('damage is told for each transfer, with all whose books are wrong', async (t) => {
  const entry = { transferId: 'k3f9q2ma-1-1', account: 'x', currency: 'USD', amount: 1 } as const;
  const damage = ['bank-a', 'bank-a', 'bank-b'].map((name) => ({ ...entry, participant: name }));
  const [concern, ...more] = damageConcerns(damage);
  t.match(concern, { look: 'bad', text: /bank-a and bank-b are wrong by transfer k3f9q2ma-1-1/ });
  t.strictSame(more, []);
  const many = Array.from({ length: 30 }, (_, id) => ({
    ...entry,
    participant: 'bank-a',
    transferId: `k3f9q2ma-1-${id}`,
  }));
  t.equal(damageConcerns(many).length, 10, 'the view that lists them has the rest');
});
