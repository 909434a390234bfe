import t from 'tap';
import { ArchivedError, partAfter, partOf, type Part } from '../../log/archived.ts';
import { openLog } from '../../log/log.ts';
import { moveSegments, type Move } from '../../log/move-segments.ts';
import { readStore } from '../../log/read-store.ts';
import { initStore, openStore, StoreError } from '../../log/store.ts';
import { crashImages } from '../fixtures/crash-images.ts';
import { failing } from '../fixtures/disk-failures.ts';
import { MemoryDisk } from '../fixtures/memory-disk.ts';
import { nothing } from '../fixtures/nothing.ts';
import { exhaustive } from '../fixtures/property.ts';
import { settled, VirtualClock } from '../fixtures/virtual-clock.ts';

type Dated =
  | { readonly type: 'dated'; readonly at: string; readonly number: number }
  | { readonly type: 'summed'; readonly count: number };

const FOLDER = '/data/node';
const TO = '/archive/node';
const path = (number: number, folder = `${FOLDER}/log`) => `${folder}/00000${number}.json`;
const dayOf = (number: number) => new Date(Date.UTC(2026, 0, number)).toISOString();

/** Opens the store; the state is how many records there were ever. */
async function open(disk: MemoryDisk) {
  const store = await openStore({ folder: FOLDER, role: 'coordinator', disk, pid: 1 });
  const state = { count: 0 };
  const log = await openLog<Dated>({
    store,
    clock: new VirtualClock(),
    segmentBytes: 400,
    keyOf: (record) => (record.type === 'dated' ? [1, record.number] : undefined),
    apply: (record) => (state.count = record.type === 'dated' ? record.number : record.count),
    summarise: () => [{ type: 'summed', count: state.count }],
    onFailure: (error) => {
      throw error;
    },
  });
  const add = async (days: number) => {
    for (let n = 0; n < days; n++) {
      const number = state.count + 1;
      log.append({ type: 'dated', at: dayOf(number), number });
      await log.durable();
    }
  };
  return { store, log, state, add };
}

/** A record for each of the first days of 2026, four in a segment; the node is stopped. */
async function yearsOld(days = 22) {
  const disk = new MemoryDisk();
  await initStore({ folder: FOLDER, role: 'coordinator', store: 'k3f9q2ma', disk });
  const { store, log, add } = await open(disk);
  await add(days);
  await log.close();
  await store.close();
  return disk;
}

const move = (disk: MemoryDisk, more: Partial<Move<Dated>> = {}) =>
  moveSegments<Dated>({
    folder: FOLDER,
    to: TO,
    before: Date.parse(dayOf(15)),
    disk,
    pid: 2,
    at: dayOf(40),
    needs: {
      keyOf: (record) => (record.type === 'dated' ? [1, record.number] : undefined),
      neededBy: () => () => false,
    },
    ...more,
  });

/** The segments that are somewhere, each in one place or, byte for byte the same, in both. */
function segmentsOf(disk: MemoryDisk, whole: MemoryDisk): string[] {
  const names = whole.paths.filter((name) => name.startsWith(`${FOLDER}/log/`));
  return names.filter((name) => {
    const copy = name.replace(`${FOLDER}/log`, TO);
    const found = [name, copy].filter((one) => disk.paths.includes(one));
    // The last one is written on by whoever opens the store.
    if (name === names.at(-1)) return found.length > 0;
    return found.length > 0 && found.every((one) => disk.text(one) === whole.text(name));
  });
}

void t.test('the oldest segments are moved, and a start does not miss them', async (t) => {
  const disk = await yearsOld();
  const whole = disk.copy();
  const { part, records, bytes, stays } = await move(disk);
  t.match(part, { first: 1, last: 3, to: TO, keys: [[1, 12]], at: dayOf(40) });
  t.equal(records, part?.sequence);
  t.equal(
    bytes,
    [1, 2, 3].reduce((sum, n) => sum + whole.text(path(n)).length, 0),
  );
  t.equal(stays, `segment 4 stays: it has a record of ${dayOf(15)}`);
  for (const n of [1, 2, 3]) {
    t.notOk(disk.paths.includes(path(n)));
    t.equal(disk.text(path(n, TO)), whole.text(path(n)), `segment ${n} is there as it was`);
  }
  t.match(JSON.parse(disk.text(`${TO}/archive.json`)), { role: 'coordinator', store: 'k3f9q2ma' });
  const { log, state, add } = await open(disk.crash());
  t.equal(state.count, 22);
  await add(9);
  t.equal(state.count, 31, 'and it goes on');
  const border = part?.sequence ?? 0;
  await t.rejects(log.read(0, 1), new ArchivedError(part as Part));
  const [first] = await log.read(border, 1);
  t.match(first?.record, { number: 13 }, 'what has stayed is read');
  const backwards: number[] = [];
  const search = async () => {
    for await (const { record } of log.search('"number":', log.position, 1)) {
      if (record.type === 'dated') backwards.push(record.number);
    }
  };
  await t.rejects(search(), { name: 'ArchivedError', to: TO });
  t.equal(backwards.at(-1), 13);
  t.match(await log.archived(), [part]);
});

void t.test('a running node notices, and goes on', async (t) => {
  const disk = await yearsOld();
  const { log, add } = await open(disk);
  t.match((await log.read(0, 1))[0]?.record, { number: 1 });
  t.strictSame(await log.archived(), []);
  await move(disk);
  t.match(await log.archived(), [{ last: 3 }]);
  t.match((await log.read(0, 1))[0]?.record, { number: 1 }, 'what it holds in memory is true');
  await t.rejects(log.read(7, 1), { name: 'ArchivedError' });
  await add(20);
  const { part } = await move(disk, { before: Infinity, to: '/archive/more' });
  t.match(part, { first: 4, to: '/archive/more' });
  await t.rejects(log.read(7, 1), { name: 'ArchivedError', to: TO });
  const name = 'ArchivedError';
  await t.rejects(log.read((part?.sequence ?? 0) - 1, 1), { name, to: '/archive/more' });
  await log.close();
});

void t.test('what is behind no checkpoint, or is needed, or is young, stays', async (t) => {
  const disk = await yearsOld();
  const all = await move(disk.copy(), { before: Infinity });
  const checkpoint = JSON.parse(disk.text(`${FOLDER}/checkpoint.json`)) as { segment: number };
  t.equal(all.part?.last, checkpoint.segment - 1);
  t.match(all.stays, `segment ${checkpoint.segment} stays: a start reads it`);
  const none = await move(disk, { before: Date.parse(dayOf(2)) });
  t.match(none, { part: undefined, records: 0, bytes: 0, stays: /^segment 1 stays: it has a re/ });
  t.notOk(
    disk.paths.some((name) => name.startsWith(TO)),
    'nothing is made for nothing',
  );
  const states: unknown[] = [];
  const needed = await move(disk, {
    needs: {
      keyOf: () => undefined,
      neededBy: (state) => {
        states.push(...state);
        return (record) => record.type === 'dated' && record.number === 6;
      },
    },
  });
  t.match(states, [{ type: 'summed' }], 'the node says so from its checkpoint');
  t.match(needed.part, { first: 1, last: 1, keys: nothing });
  t.equal(needed.stays, 'segment 2 stays: its node still looks for a record in it');
});

void t.test('whatever a power cut leaves, the node starts and nothing is lost', async (t) => {
  const bounds = { most: exhaustive ? 500 : 12, tears: 2 };
  const whole = await yearsOld();
  const marked = new Set<boolean>();
  let images = 0;
  let moments = 0;
  for (let at = 1, ended = false; !ended; at++) {
    const disk = whole.copy();
    disk.stopAt(at);
    await Promise.race([move(disk), settled()]);
    ended = !disk.stopped;
    moments += 1;
    for (const image of [disk.kill(), ...crashImages(disk, bounds).images]) {
      images += 1;
      const lost = segmentsOf(whole, whole).length - segmentsOf(image, whole).length;
      if (lost > 0) t.fail(`operation ${at}: ${lost} segments are nowhere`);
      marked.add(image.paths.includes(`${FOLDER}/archived.json`));
      const { log, store, state } = await open(image);
      if (state.count !== 22) t.fail(`operation ${at}: ${state.count} records`);
      await log.close();
      await store.close();
      const { part } = await move(image);
      const moved = (await readArchivedOf(image)).at(-1);
      if (moved?.last !== 3 || (part && part.first !== 1)) t.fail(`operation ${at}: it goes on`);
      if ([1, 2, 3].some((n) => image.paths.includes(path(n)))) t.fail(`${at}: all are removed`);
      if (segmentsOf(image, whole).length < 6) t.fail(`operation ${at}: a segment is lost`);
    }
  }
  t.ok(moments > 40, `${moments} moments, ${images} images`);
  t.equal(marked.size, 2, 'before it was written down, and after');
});

async function readArchivedOf(disk: MemoryDisk): Promise<readonly Part[]> {
  const { log, store } = await open(disk);
  const parts = await log.archived();
  await log.close();
  await store.close();
  return parts;
}

void t.test('any operation of the disk may fail, and the next try ends it', async (t) => {
  const whole = await yearsOld();
  for (const kind of ['read', 'remove', ...failing] as const) {
    let failures = 0;
    for (let count = 1; ; count++) {
      const disk = whole.copy();
      disk.failAt(kind, count, 'EIO');
      const outcome = await move(disk).catch((error: unknown) => error);
      if (disk.failed === 0) break;
      failures += 1;
      if (!(outcome instanceof Error)) t.fail(`${kind} ${count} has failed, and nobody says so`);
      for (const next of [disk.crash(), disk.kill()]) {
        t.equal(segmentsOf(next, whole).length, segmentsOf(whole, whole).length);
        const { log, store, state } = await open(next);
        t.equal(state.count, 22, `${kind} ${count}`);
        await log.close();
        await store.close();
        await move(next);
        t.notOk(next.paths.includes(path(3)), `${kind} ${count}: it is done`);
      }
    }
    t.ok(failures > 0, `${failures} failures of ${kind}`);
  }
});

void t.test('what is damaged is not moved', async (t) => {
  const disk = await yearsOld();
  disk.flip(path(2), 8 * 100);
  const before = disk.paths;
  await t.rejects(move(disk), { message: new RegExp(`^${path(2)} is damaged: record 6`) });
  t.strictSame(disk.paths, before);
  const other = await yearsOld();
  other.put(path(2), other.text(path(3)));
  await t.rejects(move(other), { message: new RegExp(`^${path(2)} is damaged`) });
  const cut = await yearsOld();
  cut.delete(path(2));
  await t.rejects(move(cut), { message: `${path(2)} is missing: restore the store from a backup` });
});

void t.test('an archive has the segments of one store, and only copies', async (t) => {
  const whole = await yearsOld();
  const refuse = async (what: string, change: (disk: MemoryDisk) => unknown, message: RegExp) => {
    const disk = whole.copy();
    await change(disk);
    await t.rejects(move(disk), { name: 'StoreError', message }, what);
    t.ok(
      [1, 2, 3].every((n) => disk.paths.includes(path(n))),
      `${what}: nothing is removed`,
    );
    t.notOk(disk.paths.includes(`${FOLDER}/archived.json`), `${what}: nothing is written down`);
  };
  const others = async (disk: MemoryDisk) => {
    const other = await initStore({ folder: '/b', role: 'participant', store: 'bankb000', disk });
    disk.put(`${TO}/archive.json`, disk.text('/b/node.json'));
    return other;
  };
  await refuse('of another store', others, /has segments of the participant bankb000/);
  const nobody = (disk: MemoryDisk) => {
    disk.put(path(1, TO), '[\n]');
  };
  await refuse('of nobody', nobody, /has segments, and no archive\.json says whose/);
  const another = async (disk: MemoryDisk) => {
    const done = whole.copy();
    await move(done);
    disk.put(`${TO}/archive.json`, done.text(`${TO}/archive.json`));
    disk.put(path(2, TO), done.text(path(3, TO)));
  };
  await refuse('another segment', another, /000002\.json is there, and no copy of/);
  for (const to of [FOLDER, `${FOLDER}/log`, `${FOLDER}/old`]) {
    await t.rejects(move(whole.copy(), { to }), /is in the store itself/, to);
  }
  const busy = whole.copy();
  await busy.tryLock(`${FOLDER}/archive.lock`, '77\n');
  await t.rejects(move(busy), /^StoreError: process 77 moves segments|process 77 moves segments/);
  const unnamed = whole.copy();
  await unnamed.tryLock(`${FOLDER}/archive.lock`, '');
  await t.rejects(move(unnamed), /another process moves segments/);
});

void t.test(
  'an archive that has vanished is not begun anew: its disk is not mounted',
  async (t) => {
    const disk = await yearsOld();
    await move(disk, { before: Date.parse(dayOf(6)) });
    t.notOk(disk.paths.includes(path(1)));
    for (const name of disk.paths.filter((one) => one.startsWith(`${TO}/`))) disk.delete(name);
    await t.rejects(move(disk), { name: 'StoreError', message: /is its disk mounted\?/ });
    t.ok(disk.paths.includes(path(2)), 'nothing more is moved');
    t.ok((await move(disk, { to: '/archive/another' })).part, 'another folder is fine');
  },
);

void t.test('what was moved is removed only if its copy is there', async (t) => {
  const whole = await yearsOld();
  const disk = whole.copy();
  await move(disk);
  disk.put(path(2), whole.text(path(2)));
  disk.put(path(3), whole.text(path(3)));
  disk.delete(path(3, TO));
  await t.rejects(move(disk), { message: /000003\.json was moved to .* is not the same/ });
  t.ok(disk.paths.includes(path(3)));
  t.notOk(disk.paths.includes(path(2)), 'what a crash has left is cleaned up');
});

void t.test('what was moved can be put back', async (t) => {
  const disk = await yearsOld();
  await move(disk);
  for (const n of [1, 2, 3]) disk.put(path(n), disk.text(path(n, TO)));
  disk.delete(`${FOLDER}/archived.json`);
  const { log, store } = await open(disk);
  t.match((await log.read(0, 1))[0]?.record, { number: 1 });
  await log.close();
  await store.close();
  t.match((await move(disk)).part, { first: 1, last: 3 }, 'and moved again');
});

void t.test('a store that is a mixture of two backups is refused', async (t) => {
  const disk = await yearsOld();
  const early = disk.text(`${FOLDER}/checkpoint.json`);
  const { log, store, add } = await open(disk);
  await add(20);
  await log.close();
  await store.close();
  await move(disk, { before: Infinity });
  const old = disk.copy();
  old.put(`${FOLDER}/checkpoint.json`, early);
  await t.rejects(open(old), { name: 'StoreError', message: /archived\.json in .* elsewhere/ });
  await t.rejects(move(old.copy()), { message: /does not agree with the log before segment/ });
  const foreign = disk.copy();
  const text = foreign.text(`${FOLDER}/archived.json`);
  foreign.put(`${FOLDER}/archived.json`, text.replace('k3f9q2ma', 'k3f9q2mb'));
  await t.rejects(open(foreign), /is damaged, its crc does not match/);
  const lost = disk.copy();
  lost.delete(lost.paths.find((name) => name.startsWith(`${FOLDER}/log/`)) ?? '');
  await t.rejects(open(lost), StoreError, 'a segment that has not been moved is missed');
  for (const name of disk.paths) if (name.startsWith(`${FOLDER}/log/`)) disk.delete(name);
  await t.rejects(open(disk), StoreError, 'and so are all of them');
});

void t.test('a whole store is read across, or what has stayed is', async (t) => {
  const disk = await yearsOld();
  await move(disk, { before: Date.parse(dayOf(7)) });
  await move(disk, { to: '/archive/later' });
  const read = async (archives: string[] = []) => {
    const numbers: number[] = [];
    const borders: unknown[] = [];
    const reading = await readStore<Dated>({
      folder: FOLDER,
      disk,
      archives,
      take: ({ record }) => numbers.push(record.type === 'dated' ? record.number : 0),
      border: (state) => borders.push(...state),
    });
    return { ...reading, numbers, borders };
  };
  const whole = await read();
  t.strictSame(
    whole.numbers,
    Array.from({ length: 22 }, (_, n) => n + 1),
  );
  t.equal(whole.borders.length, 1);
  t.equal(whole.unseen, undefined);
  const text = disk.text(path(1, TO));
  disk.delete(path(1, TO));
  const part = await read();
  t.match(part.unseen, { to: TO });
  t.strictSame([part.numbers, part.borders], [[], []], 'what the rest means is not known');
  t.strictSame(part.place, whole.place, 'but it is proven');
  disk.put(path(1, '/elsewhere'), text);
  disk.put('/elsewhere/archive.json', disk.text(`${TO}/archive.json`));
  t.strictSame((await read(['/nowhere', '/elsewhere'])).numbers, whole.numbers);
  disk.truncate(path(1, '/elsewhere'), text.length - 20);
  await t.rejects(read(['/elsewhere']), { message: /^\/elsewhere\/000001\.json is damaged/ });
  disk.delete(path(1, '/elsewhere'));
  const last = disk.paths.findLast((name) => name.startsWith(`${FOLDER}/log/`)) ?? '';
  disk.truncate(last, disk.text(last).length - 20);
  const torn = await read();
  t.ok(torn.unseen && torn.torn, 'the chain of the rest is looked at');
});

void t.test('a key is found in the part in which it began', (t) => {
  const of = (to: string, keys: Part['keys']): Part => {
    return { first: 1, last: 1, sequence: 1, chain: '', keys, to, at: '' };
  };
  const parts = [
    of('a', [
      [1, 20],
      [2, 7],
    ]),
    of('b', []),
    of('c', [
      [2, 30],
      [4, 1],
    ]),
  ];
  const places = [
    [1, 20, 'a'],
    [1, 21, undefined],
    [2, 7, 'a'],
    [2, 8, 'c'],
    [3, 1, undefined],
    [4, 1, 'c'],
    [4, 2, undefined],
  ] as const;
  for (const [a, b, to] of places) t.equal(partOf(parts, [a, b])?.to, to, `${a}-${b}`);
  t.equal(partAfter(parts, undefined)?.to, 'a');
  t.equal(partAfter(parts, [1, 999])?.to, 'a');
  t.equal(partAfter(parts, [2, 7])?.to, 'c');
  t.equal(partAfter(parts, [4, 1]), undefined);
  t.equal(partAfter([], undefined), undefined);
  t.end();
});
