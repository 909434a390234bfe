/** The shell in this process, on streams, against a whole cluster. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import { runCli } from '../../../client/cli/program.ts';
import { call, eventually } from '../../fixtures/cluster.ts';
import { fakeIo, unanimous } from '../../fixtures/fake-io.ts';
import { screenOf } from '../../fixtures/screen.ts';
import { introduced, startUp } from '../../fixtures/up.ts';

const folder = t.testdir();

/** Votes may come late: a test holds a participant for as long as it needs. */
const { said: upSaid } = startUp(t, join(folder, 'data'), { UNANIMOUS_VOTE_TIMEOUT_MS: '20000' });
const nodes = await introduced(upSaid);

function node(name: string) {
  const found = nodes.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

const { address } = node('coordinator');

/** Minor units. */
async function posted(participant: string, account: string): Promise<number> {
  return (await call('GET', `${node(participant).address}/accounts/${account}`)).body.posted;
}

/** Stops a node as it is, until it is told to go on or the test ends. */
function hold(t: Test, name: string) {
  const { pid } = node(name);
  process.kill(pid, 'SIGSTOP');
  const release = () => process.kill(pid, 'SIGCONT');
  t.teardown(release);
  return release;
}

/** A shell that reads a script. */
function scripted(lines: readonly string[], ...args: string[]) {
  const input = new PassThrough();
  const { io, said, stop } = fakeIo({}, { input, terminal: undefined });
  const code = runCli(['shell', '--coordinator', address, ...args], io);
  for (const line of lines) input.write(`${line}\n`);
  return { input, said, stop, code };
}

/** A shell at a terminal of 60 columns; `raw` is all that was ever written to it. */
function typed(...args: string[]) {
  const input = new PassThrough();
  const terminal = Object.assign(new PassThrough(), { columns: 60 });
  const seen = {
    raw: '',
    get screen() {
      return screenOf(seen.raw);
    },
  };
  terminal.on('data', (bytes: Buffer) => (seen.raw += bytes.toString()));
  const { io, said, stop } = fakeIo({ HOME: folder }, { input, terminal });
  const shown = (line: string) => void terminal.write(`${line}\n`);
  const code = runCli(['shell', '--coordinator', address, ...args], {
    ...io,
    out: shown,
    err: shown,
  });
  const shows = async (what: string | RegExp) => {
    const isThere = () =>
      typeof what === 'string' ? seen.screen.includes(what) : what.test(seen.screen);
    await eventually(`the screen shows ${what}`, isThere).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(seen.raw.slice(-600))}`);
    });
  };
  const key = (...keys: string[]) => {
    for (const one of keys) input.write(one);
  };
  return { input, said, stop, code, seen, shows, key };
}

const ctrlC = '\u0003';
const ctrlD = '\u0004';
const up = '\u001b[A';

void t.test('a script gets a line for each answer, and 0 if all happened', async (t) => {
  const [alice, bob] = [await posted('bank-a', 'alice'), await posted('bank-b', 'bob')];
  const { input, said, code } = scripted([
    'TRANSFER 25 from alice to bob for "invoice 7"',
    '',
    'transfer 1.50 USD from bank-b/bob to bank-a/alice',
    'wait',
    'pending',
    'show #1',
  ]);
  input.end('transfer 0.01 from bob to alice');
  t.equal(await code, 0, said.err.join('\n'));
  const [first, second] = said.out.slice(0, 2).sort();
  t.match(
    first,
    /^#1 committed (\S+-\d+): 25\.00 USD from bank-a\/alice to bank-b\/bob in \d+ ms$/,
  );
  t.match(second, /^#2 committed \S+: 1\.50 USD from bank-b\/bob to bank-a\/alice in /);
  t.equal(said.out[2], 'nothing is under way');
  const shown = said.out.slice(3, -1).join('\n');
  t.match(shown, /: committed\n.*\n {2}for invoice 7\n[^]*● ended/);
  t.match(said.out.at(-1), /^#3 committed /, 'the last line needs no end, and is waited for');
  t.strictSame(said.err, []);
  t.equal(await posted('bank-a', 'alice'), alice - 2500 + 150 + 1);
  t.equal(await posted('bank-b', 'bob'), bob + 2500 - 150 - 1);
});

void t.test('a script exits with the worst that has happened, and says it', async (t) => {
  const poor = scripted(['transfer 99999.00 from alice to bob']);
  poor.input.end();
  t.equal(await poor.code, 1);
  t.match(poor.said.out, [
    /^#1 aborted \S+ \(insufficient funds\): bank-a voted no \(insufficient-funds on alice\)$/,
  ]);
  t.strictSame(poor.said.err, ['transfers that did not happen: 1']);

  const wrong = scripted([
    'transfer 99999.00 from alice to bob',
    'trasfer 5 from alice to bob',
    'transfer 5 from alcie to bob',
    'transfer 5.001 from alice to bob',
    'transfer 5 XXY from alice to bob',
    'show #7',
    'transfers --state done',
    'transfer 5 from alice to bank-b/bobby',
    'show k3f9q2ma-1-42',
  ]);
  wrong.input.end();
  t.equal(await wrong.code, 2);
  t.strictSame(
    wrong.said.err.filter((line) => !/--|Transfer not found/.test(line)),
    [
      'line 2: there is no command "trasfer": did you mean transfer?',
      'line 3: there is no account alcie: did you mean alice?',
      'line 4: 5.001 USD has 3 decimal places; USD has 2, or none at all',
      'line 5: "XXY" is not an ISO 4217 currency: write a code such as USD',
      'line 6: #7 has no id yet, or is not of this shell: write show ID',
      'line 8: there is no account bank-b/bobby: did you mean bank-b/bob?',
      'lines that were not understood: 7; transfers that did not happen: 1; ' +
        'lines that got no answer: 1',
    ],
  );
});

void t.test('many transfers of one script happen once each', async (t) => {
  const bob = await posted('bank-b', 'bob');
  const count = 250;
  const lines = Array.from({ length: count }, () => 'transfer 0.01 from alice to bob');
  const { input, said, code } = scripted(lines);
  input.end();
  t.equal(await code, 0, said.err.join('\n'));
  t.equal(new Set(said.out.map((line) => /^#\d+ committed \S+/.exec(line)?.[0])).size, count);
  t.equal(await posted('bank-b', 'bob'), bob + count);
});

void t.test('no more transfers are under way than there is room for', async (t) => {
  const release = hold(t, 'bank-b');
  const full = Array.from({ length: 101 }, () => 'transfer 0.01 from alice to bob\r').join('');
  const { key, shows, seen, code } = typed('--timeout', '60');
  key(full.replaceAll('from alice to bob', 'USD from bank-a/alice to bank-b/bob'));
  await shows('100 transfers are under way: wait for one of them');
  release();
  key('wait\r', 'exit\r');
  t.equal(await code, 0);
  t.equal(seen.screen.match(/^.*#\d+ committed /gm)?.length, 100);
});

void t.test('two transfers are under way at once while somebody types', async (t) => {
  const [alice, bob] = [await posted('bank-a', 'alice'), await posted('bank-b', 'bob')];
  const { key, shows, seen, code } = typed();
  await shows(`${address} answers; its participants are bank-a, bank-b`);
  const release = hold(t, 'bank-b');
  key('transfer 2 from alice to bob\r');
  key('transfer 3 from alice to bob\r');
  await shows('#1 is under way: 2.00 USD from bank-a/alice to bank-b/bob');
  await shows('#2 is under way: 3.00 USD');
  key('pending\r');
  await shows(/#1 2\.00 USD from bank-a\/alice to bank-b\/bob, for [\d.]+ m?s\n#2 3\.00 USD/);
  t.notMatch(seen.screen, 'committed');
  key('transfer 4 from al');
  await shows(/unanimous> transfer 4 from al$/);
  release();
  await shows(/#1 committed/);
  await shows(/#2 committed/);
  await shows(/ m?s\nunanimous> transfer 4 from al$/);
  t.equal(await posted('bank-a', 'alice'), alice - 500);
  t.equal(await posted('bank-b', 'bob'), bob + 500);
  key('ice to bob\r');
  await shows(/#3 committed \S+: 4\.00 USD/);
  key(ctrlD);
  t.equal(await code, 0);
});

void t.test('a half-typed line of several rows is kept below what is printed', async (t) => {
  const { key, shows, seen, code } = typed();
  await shows('answers');
  const release = hold(t, 'bank-b');
  key('transfer 1 from alice to bob\r');
  await shows('#1 is under way');
  for (const letter of 'transfer 25 from alice to bob for something of many words') key(letter);
  await shows('words');
  seen.raw = '';
  release();
  await shows('committed');
  await shows('words');
  const rows = '\u001b[1A\u001b[1G\u001b[0J';
  t.ok(seen.raw.startsWith(`${rows}#1 committed`), 'both rows are cleared first');
  t.match(seen.raw, `\n\n${rows}unanimous> transfer 25 from`, 'and drawn again below');
  seen.raw = '';
  key(ctrlC);
  await shows(/unanimous> $/);
  key(ctrlC);
  await code;
});

void t.test('Tab completes, and arrow-up brings back what was typed', async (t) => {
  const history = ['--history', join(t.testdir(), 'history')];
  const first = typed(...history);
  await first.shows('answers');
  first.key('acc');
  first.key('\t');
  await first.shows('accounts ');
  first.key('bank-a\r');
  await first.shows(/bank-a\/alice +USD/);
  t.notMatch(first.seen.screen, /bank-b\/bob/);
  first.key('transfer 1 from a');
  first.key('\t');
  first.key('to bank-b/');
  first.key('\t');
  await first.shows('transfer 1 from alice to bank-b/bob ');
  first.key('\r');
  await first.shows('#1 committed');
  first.key('show ');
  first.key('\t');
  first.key('\r');
  await first.shows(/: committed/);
  first.key('quit\r');
  t.equal(await first.code, 0);

  const second = typed(...history);
  await second.shows('answers');
  second.key(up, up, up);
  await second.shows('unanimous> transfer 1 from alice to bank-b/bob');
  second.key('\r');
  await second.shows('#1 committed');
  second.key('help\r', 'help show\r', ctrlD);
  t.equal(await second.code, 0);
  t.match(second.seen.screen, /transfer AMOUNT.*\n +move money/);
  t.match(second.seen.screen, /^show \[ID \| #NUMBER\]\n {2}show one transfer/m);
});

void t.test('Ctrl-C clears the line, ends waiting, and then leaves', async (t) => {
  const { key, shows, seen, code } = typed();
  await shows('answers');
  key('transfer 99 from alice');
  await shows('99 from alice');
  key(ctrlC, 'pending\r');
  await shows('nothing is under way');
  const release = hold(t, 'bank-b');
  key('transfer 1 from alice to bob\r', 'wait\r', 'pending\r');
  await shows('#1 is under way');
  t.notMatch(seen.screen, '#1 1.00 USD', 'what comes after wait waits');
  key(ctrlC);
  await shows('#1 1.00 USD');
  release();
  await shows('#1 committed');
  key(ctrlC);
  await shows('Ctrl-C once more leaves');
  key(ctrlC);
  t.equal(await code, 0);
});

void t.test('whoever leaves is told what is under way, and may wait for it', async (t) => {
  const { key, shows, code } = typed();
  await shows('answers');
  const release = hold(t, 'bank-b');
  key('transfer 1 from alice to bob\r', 'exit\r');
  await shows('1 under way: waiting for what becomes of it (Ctrl-C leaves at once)');
  release();
  await shows('#1 committed');
  t.equal(await code, 0);
});

void t.test('whoever leaves at once gets the keys to ask again with', async (t) => {
  const bob = await posted('bank-b', 'bob');
  const { key, shows, stop, code, seen } = typed();
  await shows('answers');
  const release = hold(t, 'bank-b');
  key(`transfer 1 from alice to bob for bob's rent\r`, ctrlD);
  await shows('1 under way');
  stop();
  t.equal(await code, 3);
  const again = /#1 not known yet; ask again with: unanimous (.*)\n/.exec(seen.screen)?.[1] ?? '';
  t.match(again, `transfer bank-a/alice bank-b/bob 1.00 USD --reference 'bob'\\''s rent' --idem`);
  release();
  const words = again.replace(/'bob.*rent'/, 'REFERENCE').split(' ');
  const args = words.map((word) => (word === 'REFERENCE' ? `bob's rent` : word));
  t.match(await unanimous(...args), { code: 0, out: /^committed/ }, 'as it was printed');
  t.equal(await posted('bank-b', 'bob'), bob + 100, 'once');
});

void t.test('a script that is stopped waits for what is under way, and does no more', async (t) => {
  const bob = await posted('bank-b', 'bob');
  const release = hold(t, 'bank-b');
  const { said, stop, code } = scripted([
    'transfer 1 USD from bank-a/alice to bank-b/bob',
    'wait',
    'pending',
    'transfer 1 USD from bank-a/alice to bank-b/bob',
  ]);
  await eventually('it waits', async () => {
    return (await call('GET', `${address}/transfers?state=preparing`)).body.data.length > 0;
  });
  stop();
  await eventually('it says so', () => said.err.length > 0);
  release();
  t.equal(await code, 1);
  t.match(said.out, [/^#1 committed/]);
  t.equal(said.out.length, 1);
  t.strictSame(said.err, [
    '1 under way: waiting for what becomes of it (Ctrl-C leaves at once)',
    'stopped before the end',
  ]);
  t.equal(await posted('bank-b', 'bob'), bob + 100);
});

void t.test('a line that is half typed when the terminal goes away is not sent', async (t) => {
  const bob = await posted('bank-b', 'bob');
  const { key, shows, input, code, seen } = typed();
  await shows('answers');
  key('transfer 1 from alice to bob');
  await shows('alice to bob');
  input.end();
  t.equal(await code, 0);
  t.notMatch(seen.screen, '#1');
  t.equal(await posted('bank-b', 'bob'), bob);
});

void t.test('what cannot be read on is said, after the answers', async (t) => {
  const { input, said, code } = scripted(['transfer 1 from alice to bob', 'wait']);
  await eventually('the answer', () => said.out.length > 0);
  input.destroy(new Error('EIO: no such terminal'));
  t.equal(await code, 1);
  t.match(said.err, ['line 2: cannot read what is typed: EIO: no such terminal', /no answer: 1$/]);
});

void t.test('an outcome that stays open is told with the command to ask again', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const input = new PassThrough();
  const { io, said } = fakeIo({}, { input, terminal: undefined });
  const args = ['--coordinator', url, '--timeout', '1', '--key', 'secret'];
  const code = runCli(['shell', ...args], io);
  input.end(
    'transfer 5 USD from bank-a/alice to bank-b/bob\npending\ntransfer 5 from alice to bob',
  );
  t.equal(await code, 3);
  t.match(said.out.join('\n'), /^#1 5\.00 USD.*, for /m);
  const again =
    /#1 not known yet after \d+\.\d s: .* did not answer within \d+ ms; ask again with: /;
  t.match(said.out.at(-1) ?? '', again);
  t.match(said.err[0], /^line 3: http:\S+ did not answer within 2000 ms$/);
  t.notMatch(said.out.join('\n'), 'secret');
});

void t.test('a wrong address is one sentence for each line', async (t) => {
  const input = new PassThrough();
  const { io, said } = fakeIo({}, { input, terminal: undefined });
  const code = runCli(['shell', '--coordinator', 'http://127.0.0.1:1'], io);
  input.write('transfer 5 USD from bank-a/alice to bank-b/bob\nwait\n');
  input.end('transfer 5 from bank-a/alice to bank-b/bob\ntransfer 5 from alice to bob');
  t.equal(await code, 2);
  const nobody =
    'nothing answers at http://127.0.0.1:1 (bad port): is it up, and is the address right?';
  t.strictSame(said.out, [`#1 not begun: ${nobody}`]);
  t.strictSame(said.err, [
    'line 3: the currency of bank-a/alice is not known: write it after the amount',
    `line 4: ${nobody}`,
    'lines that were not understood: 1; transfers that did not happen: 1; ' +
      'lines that got no answer: 1',
  ]);
});

void t.test('without a coordinator the shell starts, says so, and goes on trying', async (t) => {
  const release = hold(t, 'coordinator');
  const { key, shows, code } = typed();
  await shows(`goes on trying: ${address} did not answer within 2000 ms`);
  key('transfer 1 from alice to bob\r');
  release();
  await shows(`${address} answers; its participants are bank-a, bank-b`);
  key('transfer 2 from alice to bob\r');
  await shows(/committed \S+: 2\.00 USD/);
  key(ctrlD);
  t.equal(await code, 0);
});

void t.test('the shell goes on when the coordinator is killed and comes back', async (t) => {
  const bob = await posted('bank-b', 'bob');
  const { key, shows, code, seen } = typed();
  await shows('answers');
  const release = hold(t, 'bank-b');
  key('transfer 1 from alice to bob\r');
  await shows('#1 is under way');
  process.kill(node('coordinator').pid, 'SIGKILL');
  release();
  await eventually('it is back', () => upSaid.text.includes('coordinator is back'), 60_000);
  await shows(/#1 (committed|aborted) /);
  const moved = seen.screen.includes('#1 committed') ? 100 : 0;
  key('transfer 2 from alice to bob\r');
  await shows('#2 committed');
  t.equal(await posted('bank-b', 'bob'), bob + moved + 200, 'the true outcome');
  key(ctrlD);
  t.equal(await code, 0);
});

void t.test('wrong usage is one sentence', async (t) => {
  t.match(await unanimous('shell', '--coordinator', 'nowhere'), { code: 2, err: /must look like/ });
  t.match(await unanimous('shell', '--timeout', '0'), { code: 2, err: /1 to 600/ });
  t.match(await unanimous('shell', '--help'), { code: 0, out: /exit code of a script/s });
});
