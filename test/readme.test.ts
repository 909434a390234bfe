/** Runs the README's own commands, on free ports and in a folder of the test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { call, eventually, plainEnv, program } from './fixtures/cluster.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const newman = join(root, 'node_modules', 'newman', 'bin', 'newman.js');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const strictly = '--strict --exactOptionalPropertyTypes --module nodenext --target es2023';
const blocks = [...readme.matchAll(/^```(?:sh|ts)\n([^]*?)^```/gm)].map(([, text = '']) => {
  return text.trim();
});

/** What is typed into a file, not into a terminal. */
const isProgram = (block: string) => block.startsWith('import ');

/** The commands that run until they are stopped. */
const isServer = (block: string) => /^npx unanimous (coordinator|participant) /.test(block);

void t.test('the README starts and tests the project with two commands', async (t) => {
  t.ok(blocks.includes('npm ci && npm start'));
  t.ok(blocks.includes('npm ci && npm test'));
});

void t.test('every other command of the README works in order, as it stands there', async (t) => {
  const folder = t.testdir();
  const ports = new Map<string, string>();
  const env: NodeJS.ProcessEnv = { ...plainEnv };
  const here = (block: string) => {
    let text = block
      .replaceAll('npx unanimous', `'${process.execPath}' '${program}'`)
      .replaceAll('npx newman', `'${process.execPath}' '${newman}'`)
      .replaceAll('client/postman/', `${root}client/postman/`);
    for (const [from, to] of ports) text = text.replaceAll(`:${from}`, `:${to}`);
    return text.replaceAll(/--port \d+/g, '--port 0');
  };
  const up = serve(t, `'${process.execPath}' '${program}' up --port 0`, folder, env);
  await eventually('the cluster is up', () => up.said.includes('Everything is up'), 60_000);
  for (const [index, name] of ['coordinator', 'bank-a', 'bank-b'].entries()) {
    const port = new RegExp(`^${name} +http://127.0.0.1:(\\d+)`, 'm').exec(up.said)?.[1] ?? '';
    ports.set(String(7700 + index), port);
  }
  env['UNANIMOUS_COORDINATOR'] = `http://127.0.0.1:${ports.get('7700') ?? ''}`;
  let ran = 0;
  for (const block of blocks.filter((text) => !text.startsWith('npm ci'))) {
    if (isServer(block)) {
      const server = serve(t, `exec ${here(block)}`, folder, env);
      const address = await eventually(
        `it listens: ${block}`,
        () => /listens on (http:\S+:(\d+));/.exec(server.said) ?? undefined,
        60_000,
      );
      ports.set(/--port (\d+)/.exec(block)?.[1] ?? '', address[2] ?? '');
      await eventually('it is ready', async () => {
        return (await call('GET', `${address[1] ?? ''}/health/ready`)).status === 200;
      });
    } else if (isProgram(block)) {
      writeFileSync(join(folder, 'pay.mts'), here(block));
      const compiled = await run(`'${tsc}' ${strictly} pay.mts`, folder, env);
      t.equal(compiled.code, 0, compiled.said);
      const { code, said } = await run(`'${process.execPath}' pay.mjs`, folder, env);
      t.equal(code, 0, said);
      t.match(said, / happened, everywhere\n\S+ committed\n\S+ aborted\n\S+ committed\n$/);
    } else {
      const { code, said } = await run(here(block), folder, env);
      t.equal(code, 0, `${block}\n${said}`);
      // The log, and the events that are made of it, also have what Postman was refused; every
      // other command shows what it was answered.
      if (block.includes('/events')) t.match(said, /^event: decided$/m);
      else if (!block.startsWith('jq')) {
        t.notMatch(said, /"code": ?"(?!insufficient-funds)/, 'no other problem than it shows');
      }
    }
    ran += 1;
  }
  t.ok(ran >= 8, `${ran} blocks ran`);
  const bob = await call('GET', `http://127.0.0.1:${ports.get('7702') ?? ''}/accounts/bob`);
  const moved = 'curl, the library and the command line moved 25.00 each, the shell 5.00';
  t.equal(bob.body.posted, 108_000, moved);
});

function serve(t: Test, command: string, cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn('sh', ['-c', command.startsWith('exec') ? command : `exec ${command}`], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = { child, said: '' };
  collect(child, (text) => (server.said += text));
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  });
  return server;
}

async function run(command: string, cwd: string, env: NodeJS.ProcessEnv) {
  const script = `set -e\n${command}`;
  const child = spawn('sh', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  collect(child, (text) => (said += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

function collect(child: ChildProcess, take: (text: string) => void) {
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => take(bytes.toString()));
  }
}
