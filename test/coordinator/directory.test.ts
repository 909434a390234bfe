import t from 'tap';
import {
  applyRegistration,
  register,
  see,
  summariseDirectory,
  unnoted,
  type Directory,
  type RegistrationRequest,
} from '../../coordinator/directory.ts';
import { nothing } from '../fixtures/nothing.ts';

const at = '2026-11-23T10:00:00.000Z';
const request = { at, store: 'p81dz0qk', epoch: 3, address: 'http://127.0.0.1:7701' };

function directory(...requests: Partial<RegistrationRequest>[]): Directory {
  const members: Directory = new Map();
  for (const more of requests) {
    const made = register(members, { ...request, ...more });
    if ('records' in made) for (const record of made.records) applyRegistration(members, record);
  }
  return members;
}

void t.test('a new store gets the name it asks for', (t) => {
  const members = directory();
  const { at, ...said } = { name: 'bank-a', ...request };
  const member = { ...said, seen: 0, quarantined: false };
  const records = [{ type: 'registered', at, ...said, sequence: 0 }];
  t.strictSame(register(members, { name: 'bank-a', ...request }), {
    outcome: 'new',
    state: 'confirmed',
    member,
    records,
  });
  t.equal(members.size, 0, 'deciding changes nothing');
  t.strictSame(directory({ name: 'bank-a' }).get('bank-a'), member);
  t.end();
});

void t.test('a store without a name gets the lowest free number', (t) => {
  const members = directory(
    { store: 'aaaaaaaa' },
    { store: 'bbbbbbbb', name: 'participant-3' },
    { store: 'cccccccc' },
    { store: 'dddddddd' },
  );
  const names = [...members.keys()];
  t.strictSame(names, ['participant-1', 'participant-3', 'participant-2', 'participant-4']);
  t.end();
});

void t.test('a known store keeps its name, whatever name it brings', (t) => {
  const members = directory({ name: 'bank-a' }, { name: 'bank-b', store: 'bbbbbbbb' });
  for (const name of ['bank-z', 'bank-b', 'bank-a']) {
    const made = register(members, { ...request, name, epoch: 4 });
    t.match(made, { outcome: 'known', member: { name: 'bank-a', epoch: 4 } }, name);
  }
  t.match(
    register(members, request),
    { outcome: 'known', records: nothing },
    'nothing new, no record',
  );
  t.end();
});

void t.test('an address follows the newest epoch, never an older one', (t) => {
  const address = 'http://127.0.0.1:9999';
  const members = directory({ name: 'bank-a' }, { name: 'bank-a', epoch: 4, address });
  t.match(members.get('bank-a'), { epoch: 4, address });
  const stale = register(members, request);
  t.strictSame(stale, { outcome: 'stale-epoch', member: members.get('bank-a') });
  const same = register(members, { ...request, epoch: 4, address: 'http://127.0.0.1:8888' });
  t.match(same, { outcome: 'known', records: [{ address: 'http://127.0.0.1:8888' }] });
  t.match(register(members, { ...request, epoch: 5, address }), { records: [{ epoch: 5 }] });
  t.end();
});

void t.test('a name belongs to one store', (t) => {
  const members = directory({ name: 'bank-a' });
  const other = register(members, { ...request, name: 'bank-a', store: 'zzzzzzzz', epoch: 9 });
  t.strictSame(other, { outcome: 'name-taken', member: members.get('bank-a') });
  const stranger = { ...request, name: 'bank-a', store: 'zzzzzzzz' };
  const record = { type: 'registered', ...stranger } as const;
  t.throws(() => applyRegistration(members, record), /the name bank-a stays with store p81dz0qk/);
  t.end();
});

/** What becomes of `bank-a`, whose log was seen up to 812 in its epoch 3. */
function again(members: Directory, more: Partial<RegistrationRequest>) {
  const made = register(members, { ...request, ...more });
  if ('records' in made) for (const record of made.records) applyRegistration(members, record);
  return made;
}

function seenUpTo812(): Directory {
  const members = directory({ name: 'bank-a', sequence: 800 });
  see(members, 'bank-a', 812);
  return members;
}

void t.test('what was seen of a log only grows, until its store catches up', (t) => {
  const members = seenUpTo812();
  see(members, 'bank-a', 790);
  see(members, 'nobody', 900);
  t.equal(members.get('bank-a')?.seen, 812);
  t.notOk(members.has('nobody'));
  t.match(again(members, { epoch: 4, sequence: 815 }), {
    state: 'confirmed',
    member: { seen: 815 },
  });
  t.end();
});

void t.test('what was seen is noted once, and again when more is seen', (t) => {
  const members = seenUpTo812();
  const noted = new Map<string, number>();
  t.strictSame(unnoted(members, ['bank-a', 'nobody'], noted), { 'bank-a': 812 });
  t.equal(unnoted(members, ['bank-a'], noted), undefined);
  see(members, 'bank-a', 813);
  t.strictSame(unnoted(members, ['bank-a'], noted), { 'bank-a': 813 });
  t.end();
});

void t.test('a log that still has what was seen is confirmed, one that went back is not', (t) => {
  for (const sequence of [811, 0, undefined]) {
    const members = seenUpTo812();
    const made = again(members, { epoch: 4, ...(sequence !== undefined && { sequence }) });
    t.match(made, { outcome: 'known', state: 'quarantined' }, `${sequence}`);
    t.match(members.get('bank-a'), { epoch: 4, seen: 812, quarantined: true });
  }
  t.match(again(seenUpTo812(), { epoch: 4, sequence: 812 }), { state: 'confirmed' });
  const unchanged = seenUpTo812();
  const made = again(unchanged, { sequence: 800 });
  t.match(made, { state: 'quarantined' }, 'a copy may have the epoch of the run that it is from');
  t.end();
});

void t.test('a run that was confirmed says again where it is, and nothing is recorded', (t) => {
  const members = seenUpTo812();
  t.match(again(members, {}), { outcome: 'known', state: 'confirmed', records: nothing });
  t.match(members.get('bank-a'), { seen: 812 });
  t.end();
});

void t.test('a late message of a run that goes on shows nothing about its log', (t) => {
  const members = seenUpTo812();
  again(members, { epoch: 4, run: 'first', sequence: 812 });
  see(members, 'bank-a', 830);
  const late = again(members, { epoch: 4, run: 'first', sequence: 812 });
  t.match(late, { state: 'confirmed', member: { seen: 830, quarantined: false } });
  const copy = again(members, { epoch: 4, run: 'second', sequence: 812 });
  t.match(copy, { outcome: 'stale-epoch' }, 'a run on a copy takes a newer epoch');
  t.match(again(members, { epoch: 5, run: 'second', sequence: 812 }), { state: 'quarantined' });
  t.match(again(members, { epoch: 4, run: 'first', sequence: 812 }), { outcome: 'stale-epoch' });
  t.match(again(members, { epoch: 5, run: 'second' }), { state: 'quarantined' });
  t.end();
});

void t.test('who does not say which run it is takes the place of none', (t) => {
  const members = seenUpTo812();
  again(members, { epoch: 4, run: 'first', sequence: 812 });
  t.match(again(members, { epoch: 4 }), { state: 'confirmed', records: nothing });
  t.match(again(members, { epoch: 4, run: 'first' }), { state: 'confirmed', records: nothing });
  const nameless = seenUpTo812();
  t.match(again(nameless, { epoch: 3, run: 'first' }), { state: 'confirmed' }, 'it names itself');
  t.end();
});

void t.test('only catching up ends a quarantine, however long the log has become', (t) => {
  const members = seenUpTo812();
  again(members, { epoch: 4, sequence: 640 });
  t.match(again(members, { epoch: 4 }), { state: 'quarantined', records: nothing });
  t.match(again(members, { epoch: 5, sequence: 830 }), { state: 'quarantined', records: [{}] });
  const early = again(members, { epoch: 6, sequence: 900, caughtUp: true });
  t.match(early, { state: 'quarantined' }, 'of another run');
  t.match(again(members, { epoch: 6, sequence: 829, caughtUp: true }), { state: 'quarantined' });
  const caught = again(members, { epoch: 6, sequence: 901, caughtUp: true });
  t.match(caught, { state: 'confirmed', member: { seen: 901, quarantined: false }, records: [{}] });
  t.match(again(members, { epoch: 6, sequence: 901, caughtUp: true }), { records: nothing });
  t.match(again(members, { epoch: 7, sequence: 850 }), { state: 'quarantined' }, 'another copy');
  t.end();
});

void t.test('a record of an earlier version has seen nothing', (t) => {
  const members: Directory = new Map();
  applyRegistration(members, { type: 'registered', name: 'bank-a', ...request });
  t.match(members.get('bank-a'), { seen: 0, quarantined: false });
  t.end();
});

void t.test('a summary rebuilds an equal directory', (t) => {
  const members = directory({ name: 'bank-a' }, { store: 'bbbbbbbb' }, { epoch: 7, sequence: 9 });
  again(members, { epoch: 8, sequence: 3 });
  const rebuilt: Directory = new Map();
  for (const record of summariseDirectory(members)) applyRegistration(rebuilt, record);
  t.strictSame([...rebuilt], [...members]);
  t.match(rebuilt.get('bank-a'), { epoch: 8, seen: 9, quarantined: true });
  t.end();
});
