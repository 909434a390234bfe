/** The command: `npm run abuse`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Cluster } from '../../client/scenarios/cluster.ts';
import { connect, connectParticipant } from '../../client/sdk/index.ts';
import { plainEnv, program } from '../fixtures/cluster.ts';
import { abuses, type Abuse } from './abuses.ts';
import type { Tally } from './attack.ts';
import { transferFor, type Heard } from './honest.ts';

const help = `npm run abuse -- [options]

Abuses a cluster over HTTP in every way that test/abuse/abuses.ts lists, one after the other, beside
a client that asks for a transfer every 20 ms. Prints what was answered, and how long the client has
waited, in times of what it waits alone.

  --seconds S     of each abuse, and of the client alone (15)
  --sockets N     idle connections at once (10000)
  --only NAME     this abuse only
  --help          this text

Exit code: 0 if every answer was right, p99 never more than 3 times as long and all totals intact;
else 1.`;

const { priority } = constants;
const mostRatio = 3;
const opening = 100_000_000;
const honest = { from: 'bank-a/main', to: 'bank-b/main', amount: 1, currency: 'USD' };
const attacker = fileURLToPath(new URL('attacker.ts', import.meta.url));

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Runs an abuse in a process of its own while `work` goes on. */
async function beside<T>(
  { name, drips, isMany }: Abuse,
  { address, sockets }: { address: string; sockets: number },
  work: () => Promise<T>,
): Promise<{ tally: Tally; result: T }> {
  // Together a hundred requests a second, or as many connections as there may be.
  const [connections, gapMs] = isMany ? [sockets, 100] : drips ? [200, 100] : [10, 100];
  const child = fork(attacker, [name, new URL(address).port, String(connections), String(gapMs)]);
  try {
    // It would be on another machine, and take nothing of this one but what its bytes cost.
    if (child.pid !== undefined) setPriority(child.pid, priority.PRIORITY_LOW);
    await once(child, 'message'); // It is ready.
    const result = await work();
    const told = once(child, 'message');
    child.send('stop');
    const [tally] = (await told) as [Tally];
    return { tally, result };
  } finally {
    child.kill('SIGKILL');
  }
}

interface Options {
  readonly seconds: number;
  readonly sockets: number;
}

/** Measures, and prints a line for each abuse; whether all is as it must be. */
async function run(folder: string, chosen: readonly Abuse[], options: Options): Promise<boolean> {
  const cluster = new Cluster({
    folder,
    participants: ['bank-a', 'bank-b'],
    program: { module: program, env: plainEnv, execArgv: [] },
  });
  try {
    await cluster.start();
    for (const { address } of cluster.participants) {
      const participant = connectParticipant(address, { key: cluster.keys.operator });
      await participant.openAccount({ id: 'main', currency: 'USD', balance: opening });
    }
    const { address } = cluster.coordinator;
    let committed = 0;
    const go = async () => {
      const settings = { ms: options.seconds * 1_000, everyMs: 20 };
      const heard = await transferFor(address, JSON.stringify(honest), settings);
      committed += heard.committed;
      return heard;
    };
    await go(); // Code that has not run for a while is slow.
    const alone = await go();
    const rows = [row('(nothing)', '', alone, alone)];
    let isGood = alone.troubles.size === 0;
    for (const abuse of chosen) {
      const { sockets } = options;
      const { tally, result } = await beside(abuse, { address, sockets }, go);
      rows.push(row(abuse.name, told(tally), result, alone));
      isGood &&= isRight(abuse, tally, result, alone);
    }
    for (const line of rows) print(line);
    return (await totalsAreIntact(cluster, committed)) && isGood;
  } finally {
    await cluster.kill();
  }
}

function isRight(abuse: Abuse, tally: Tally, heard: Heard, alone: Heard): boolean {
  const answered = Object.keys(tally);
  // Many sockets take so long to open that none may have been idle for long enough.
  const isAnswered = answered.length > 0 || abuse.isMany === true;
  const right = isAnswered && answered.every((one) => abuse.right.includes(one));
  return right && heard.troubles.size === 0 && heard.p99Ms <= mostRatio * alone.p99Ms;
}

const told = (tally: Tally) =>
  Object.entries(tally)
    .map(([answered, count]) => `${answered} × ${count}`)
    .join(', ');

function row(name: string, answered: string, { p99Ms, troubles }: Heard, alone: Heard): string {
  const ratio = `${p99Ms.toFixed(1)} ms, ${(p99Ms / alone.p99Ms).toFixed(2)} ×`;
  const trouble = troubles.size === 0 ? '' : `  but: ${[...troubles].join('; ')}`;
  return `${name.padEnd(26)}${answered.padEnd(36)}${ratio}${trouble}`;
}

/** Whether all money is still there, and only what was answered 201 has moved. */
async function totalsAreIntact({ coordinator }: Cluster, committed: number): Promise<boolean> {
  const { accounts } = await connect(coordinator.address).snapshot();
  const posted = new Map(accounts.map((one) => [`${one.participant}/${one.account}`, one.posted]));
  const [from, to] = [posted.get(honest.from), posted.get(honest.to)];
  const isIntact = from === opening - committed && to === opening + committed;
  const verdict = isIntact ? 'as it must be' : `not ${opening} less and more ${committed}`;
  print(`${committed} transfers; then ${from} and ${to}: ${verdict}`);
  return isIntact;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '15' },
      sockets: { type: 'string', default: '10000' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(help);
    return 0;
  }
  if (!existsSync(program)) throw new Error(`${program} is missing: npm run build makes it`);
  const chosen = abuses.filter(({ name }) => values.only === undefined || name === values.only);
  const [seconds, sockets] = [Number(values.seconds), Number(values.sockets)];
  if (!(seconds > 0) || !(sockets > 0) || chosen.length === 0) {
    const names = abuses.map(({ name }) => name).join(', ');
    throw new Error(`--seconds and --sockets are above 0, and --only is one of: ${names}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'unanimous-abuse-'));
  try {
    return (await run(folder, chosen, { seconds, sockets })) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = await main();
