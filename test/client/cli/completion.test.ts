import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { plainEnv, program } from '../../fixtures/cluster.ts';
import {
  committed,
  deadAddress,
  fakeCoordinator,
  hang,
  html,
  json,
} from '../../fixtures/fake-coordinator.ts';
import { unanimous } from '../../fixtures/fake-io.ts';

/** A coordinator with these participants, each of which has the accounts `alice` and `bob`. */
async function coordinator(t: Test, ...names: string[]): Promise<string> {
  const { url } = await fakeCoordinator(t, (request, response) => {
    const path = request.url?.replace(/\?.*/, '');
    const participants = names.map((name) => ({
      name,
      store: 'p81dz0qk',
      epoch: 1,
      address: url,
      health: 'up',
      lastSeenAt: null,
      inDoubt: ['k3f9q2ma-1-44'],
    }));
    const amounts = { currency: 'USD', posted: 1, held: 0, available: 1, minimum: 0 };
    const accounts = ['alice', 'bob'].map((id) => ({ id, ...amounts, frozen: false }));
    const data =
      path === '/participants' ? participants : path === '/accounts' ? accounts : [committed];
    json(200, { data, page: { nextCursor: null } })(request, response);
  });
  return url;
}

/** The words that are offered for the last one. */
async function offered(...words: string[]): Promise<string[]> {
  const { code, out, err } = await unanimous('__complete', '--', ...words);
  t.match({ code, err }, { code: 0, err: '' }, words.join(' '));
  return out === '' ? [] : out.split('\n');
}

void t.test('commands, options and their values are completed', async (t) => {
  t.strictSame(await offered('trans'), ['transfer', 'transfers']);
  t.strictSame(await offered('help', 'transfer'), ['transfer', 'transfers']);
  const all = await offered('');
  t.ok(all.includes('up') && all.includes('status') && all.includes('completion'));
  t.notOk(all.includes('__complete'), 'but for what is hidden');
  t.strictSame(await offered('transfers', '--a'), ['--account', '--all']);
  t.strictSame(await offered('transfers', '--h'), ['--help']);
  t.strictSame(await offered('transfers', '--state', 'com'), ['committed']);
  t.strictSame(await offered('transfers', '--state=com'), ['--state=committed']);
  t.strictSame(await offered('init', '--role', ''), ['coordinator', 'participant']);
  t.strictSame(await offered('up', '--store', ''), ['folders', 'postgres']);
  t.strictSame(await offered('completion', ''), ['bash', 'zsh', 'fish']);
  t.strictSame(await offered('transfers', '--reference', ''), [], 'nobody knows any text');
  t.strictSame(await offered('explain', 'insuff'), ['insufficient-funds']);
  t.strictSame(await offered('open', 'bank-a/x', '-5', 'US'), ['USD', 'USN']);
  for (const words of [
    ['up', '--data'],
    ['keygen', '--out'],
    ['coordinator', '--keys'],
    ['audit'],
    ['audit', 'data/coordinator'],
    ['bulk'],
  ]) {
    t.strictSame(await offered(...words, 'x'), [':files'], 'the shell completes files');
  }
});

void t.test('participants, accounts and transfers are asked from the coordinator', async (t) => {
  const at = ['--coordinator', await coordinator(t, 'bank-a', 'bank-b')];
  t.strictSame(await offered('participants', ...at, ''), ['bank-a', 'bank-b']);
  t.strictSame(await offered('branches', ...at, 'bank-b'), ['bank-b']);
  t.strictSame(await offered('show', ...at, ''), [committed.id]);
  t.strictSame(await offered('reverse', ...at, ''), [committed.id]);
  t.strictSame(await offered('resolve', ...at, 'bank-a', ''), ['k3f9q2ma-1-44'], 'in doubt');
  t.strictSame(await offered('resolve', ...at, 'bank-a', 'x', ''), ['commit', 'abort']);
  t.strictSame(await offered('freeze', ...at, 'bank-a/a'), ['bank-a/alice']);
  const alices = ['bank-a/alice', 'bank-b/alice'];
  t.strictSame(await offered('accounts', ...at, 'bank-b'), [
    'bank-b',
    'bank-b/alice',
    'bank-b/bob',
  ]);
  t.strictSame(await offered('accounts', ...at, 'bank-a/a'), ['bank-a/alice']);
  t.strictSame(await offered('transfers', ...at, '--account', 'bank-a/a'), ['bank-a/alice']);
  t.strictSame(
    (await offered('transfer', ...at, 'bank-')).filter((word) => word.endsWith('alice')),
    alices,
  );
  const first = ['transfer', 'bank-a/alice', 'bank-b/bob', '25.00', 'USD', ...at];
  t.strictSame(await offered(...first, 'bank-b/b'), ['bank-b/bob'], 'also of a second leg');
  t.strictSame(await offered(...first, 'bank-b/bob', 'bank-a/alice', '1', 'EU'), ['EUR']);
});

void t.test('without a coordinator, names are silently missing', async (t) => {
  const { url: mute } = await fakeCoordinator(t, hang);
  const { url: page } = await fakeCoordinator(t, html(200));
  for (const url of [await deadAddress(), mute, page, 'nowhere']) {
    t.strictSame(await offered('accounts', '--coordinator', url, ''), [], url);
  }
});

void t.test('a name that means something to a shell is not offered', async (t) => {
  const url = await coordinator(t, '$(touch pwned)', 'a b', 'bank-a', '-rf', 'x;y', '');
  t.strictSame(await offered('participants', '--coordinator', url, ''), ['bank-a']);
});

void t.test('bash completes by its script', async (t) => {
  const url = await coordinator(t, 'bank-a', 'bank-b');
  const folder = t.testdir();
  const command = join(folder, 'unanimous');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(command, 0o755);
  // What bash has in COMP_WORDS: it splits at = and :, and leaves quotes and dollars as they are.
  const lines = [
    ['unanimous', 'transfers', '--state', '=', 'com'],
    ['unanimous', 'transfers', '--state', '='],
    ['unanimous', 'accounts', '--coordinator', ...url.split(/(:)/), 'bank-b/'],
    ['unanimous', 'participants', '$(touch pwned)'],
  ];
  const script = [
    'source <(unanimous completion bash)',
    'complete -p unanimous',
    ...lines.flatMap((words) => [
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
      `COMP_CWORD=${words.length - 1}`,
      '_unanimous unanimous',
      'echo "${COMPREPLY[@]}"',
    ]),
  ].join('\n');
  const path = `${folder}:${process.env['PATH'] ?? ''}`;
  const bash = spawn('bash', ['--norc', '--noprofile', '-c', script], {
    cwd: folder,
    env: { ...plainEnv, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [bash.stdout, bash.stderr]) {
    stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  }
  await once(bash, 'close');
  t.strictSame(said.split('\n'), [
    'complete -F _unanimous unanimous',
    'committed',
    'preparing committed aborted',
    'bank-b/alice bank-b/bob',
    '',
    '',
  ]);
  t.notOk(existsSync(join(folder, 'pwned')), 'nothing on the line is run');
});

void t.test('every shell has a script that calls the program', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await unanimous('completion', shell);
    t.equal(code, 0);
    t.match(out, /__complete -- .*2> \/dev\/null/, shell);
  }
});
