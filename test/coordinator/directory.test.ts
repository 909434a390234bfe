import t from 'tap';
import {
  applyRegistration,
  register,
  summariseDirectory,
  type Directory,
  type RegistrationRequest,
} from '../../coordinator/directory.ts';

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
  const { at, ...member } = { name: 'bank-a', ...request };
  const records = [{ type: 'registered', at, ...member }];
  t.strictSame(register(members, { name: 'bank-a', ...request }), {
    outcome: 'new',
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
  t.match(register(members, request), { outcome: 'known', records: [] }, 'nothing new, no record');
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

void t.test('a summary rebuilds an equal directory', (t) => {
  const members = directory({ name: 'bank-a' }, { store: 'bbbbbbbb' }, { epoch: 7 });
  const rebuilt: Directory = new Map();
  for (const record of summariseDirectory(members)) applyRegistration(rebuilt, record);
  t.strictSame([...rebuilt], [...members]);
  t.equal(rebuilt.get('bank-a')?.epoch, 7);
  t.end();
});
