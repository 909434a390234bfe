import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkDisk, checkKind, checkRoom, judge } from '../../../client/doctor/disk.ts';
import { checkSecret } from '../../../client/doctor/files.ts';
import {
  checkClock,
  checkNode,
  checkOpenFiles,
  openFilesLimit,
} from '../../../client/doctor/host.ts';

const MIB = 1024 * 1024;

void t.test('a Node that is too old is found', async (t) => {
  t.match(checkNode('20.18.3'), { state: 'fail', advice: /install Node 20\.19 or newer/ });
  t.match(checkNode('18.20.0'), { state: 'fail' });
  for (const version of ['20.19.0', '22.0.0', process.versions.node]) {
    t.match(checkNode(version), { state: 'ok', advice: undefined }, version);
  }
});

void t.test('files for all connections are wanted', async (t) => {
  t.match(checkOpenFiles(1_024, 10_000), { state: 'warn', found: /1024 at once, and 10256 are/ });
  t.match(checkOpenFiles(10_256, 10_000), { state: 'ok' });
  t.match(checkOpenFiles(undefined, 10_000), { state: 'ok', found: /does not tell/ });
  const limit = await openFilesLimit();
  t.ok(limit === undefined || limit > 3, `this process may open ${limit}`);
});

void t.test('a clock that was never set, goes back, or is being set is found', async (t) => {
  const at = (wall: string, monotonic: number) => ({ wall: Date.parse(wall), monotonic });
  const first = at('2026-11-23T10:00:00.000Z', 5_000);
  t.match(checkClock(first, at('2026-11-23T10:00:01.050Z', 6_000)), { state: 'ok' });
  const jumped = checkClock(first, at('2026-11-23T10:00:31.000Z', 6_000));
  t.match(jumped, { state: 'warn', found: /was set by 30000 ms while this ran/ });
  t.match(checkClock(first, at('2026-11-23T10:00:01.000Z', 4_999)), { state: 'fail' });
  const unset = at('1970-01-01T00:00:10.000Z', 5_000);
  t.match(checkClock(unset, unset), { state: 'fail', found: /it is 1970-/, advice: /NTP/ });
});

void t.test('little room, and file systems that are no place for a store, are named', async (t) => {
  t.match(checkRoom(63 * MIB, 64 * MIB), { state: 'fail', found: /63 MiB are free.*nothing new/ });
  t.match(checkRoom(255 * MIB, 64 * MIB), { state: 'warn', advice: /make room/ });
  t.match(checkRoom(256 * MIB, 64 * MIB), { state: 'ok' });
  t.match(checkKind(0x6969), { state: 'warn', found: /^NFS: / });
  t.match(checkKind(0x01021994), { state: 'warn', found: /^tmpfs: / });
  t.match(checkKind(0xef53), { state: 'ok' });
});

void t.test('a slow disk is found by its median, and one that hangs by its worst', async (t) => {
  const times = Array.from({ length: 100 }, (_, index) => 0.5 + index / 100);
  const fine = judge(times);
  t.match(fine, { state: 'ok', found: /^100 forced: median 0\.99 ms, p99 1\.48 ms; .* 2\.97 ms$/ });
  t.match(judge(times.map((ms) => 40 * ms)), { state: 'warn', advice: /faster disk/ });
  t.match(judge([...times.slice(2), 900, 900]), { state: 'warn', found: /p99 900\.00 ms/ });
});

void t.test('a real folder is measured, and nothing is left in it', async (t) => {
  const folder = t.testdir({ 'node.json': '{}' });
  const checks = [];
  for await (const check of checkDisk(folder, 1)) checks.push(check);
  t.match(checks, [
    { name: 'room', state: 'ok' },
    { name: 'file system' },
    { name: 'writes', found: /^\d+ forced: median/ },
  ]);
  t.strictSame(readdirSync(folder), ['node.json']);
  const file = join(folder, 'node.json', 'x');
  const missing = [];
  for await (const check of checkDisk(join(file, '..'), 1)) missing.push(check);
  t.match(missing.at(-1), { name: 'writes', state: 'fail', found: /ENOTDIR/, advice: /write to/ });
});

void t.test('a secret is for its owner, and perhaps its group', async (t) => {
  const path = join(t.testdir(), 'keys.json');
  writeFileSync(path, '{}');
  for (const [mode, state] of [
    [0o600, 'ok'],
    [0o400, 'ok'],
    [0o640, 'ok'],
    [0o660, 'warn'],
    [0o644, 'fail'],
  ] as const) {
    chmodSync(path, mode);
    t.match(await checkSecret('keys', path), { state, found: mode.toString(8) });
  }
  t.match(await checkSecret('keys', `${path}.none`), { state: 'fail', found: /ENOENT/ });
});
