/** `unanimous up`: a whole cluster on this machine. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { readKeyFile } from '../../http/key-file.ts';
import { sentKeys, type Keys } from '../../http/keys.ts';
import { systemDisk } from '../../log/disk.ts';
import { storeExists, type Role } from '../../log/store.ts';
import { ApiError, connectParticipant } from '../sdk/index.ts';
import { certificateFiles, loopbackHosts, makeCertificates } from './certificates.ts';
import { CommandError, type Io } from './io.ts';
import { mainModule } from './main-module.ts';
import { makeStore, writeKeys } from './nodes.ts';
import { SupervisedNode } from './supervisor.ts';
import { trustingFetch } from './trusting-fetch.ts';

interface UpOptions {
  data: string;
  port: number;
  tls: boolean;
  verbose: boolean;
}

/** How the nodes are run, and what lets this command in. */
interface Access {
  readonly keys: Keys;
  /** Of the CA, and a fetch that trusts it; absent: without TLS. */
  readonly tls?: { readonly folder: string; readonly ca: string; readonly fetch: typeof fetch };
}

/** How long the nodes may take to be ready. Milliseconds. */
const readyMs = 60_000;

/** The demo: 1 000.00 USD each. */
const demoAccounts = [
  { participant: 'bank-a', id: 'alice' },
  { participant: 'bank-b', id: 'bob' },
];

export function addUpCommand(program: Command, io: Io): void {
  program
    .command('up')
    .description('run a whole cluster on this machine: a coordinator, bank-a and bank-b')
    .option('--data <folder>', 'where the nodes keep their stores', 'data')
    .option('--port <n>', 'first of three ports; 0 takes free ones', parsePort, 7700)
    .option('--tls', 'over TLS, with a CA and certificates made in the folder tls of --data', false)
    .option('--verbose', 'show all that the nodes log, not only warnings', false)
    .addHelpText('after', '\nExample:\n  unanimous up --data /tmp/try --port 0')
    .action((options: UpOptions) => up(options, io));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_533) return port;
  throw new InvalidArgumentError('It must be 0 to 65533: two more ports follow it.');
}

async function up({ data, port, tls, verbose }: UpOptions, io: Io): Promise<void> {
  mkdirSync(data, { recursive: true });
  const keyFile = join(data, 'keys.json');
  if (!existsSync(keyFile)) await writeKeys(keyFile);
  const keys = sentKeys(readKeyFile(keyFile));
  const access: Access = { keys, ...(tls && { tls: await certificates(join(data, 'tls')) }) };
  const nodes: SupervisedNode[] = [];
  const failed = new Promise<never>((_, reject) => {
    const make = async (name: string, role: Role, at: number, more: string[]) => {
      const folder = join(data, name);
      // An init that was cut off is done again; a folder that has lost its store is not touched.
      const isNew = !existsSync(folder) || existsSync(join(folder, 'log'));
      if (isNew && !(await storeExists(folder, systemDisk))) await makeStore(folder, role);
      const level = verbose ? 'info' : 'warn';
      const own = access.tls ? tlsFlags(access.tls.folder, name) : [];
      const shared = ['--data', folder, '--keys', keyFile, '--log-level', level];
      const args = [role, ...shared, ...own, ...more];
      const node = new SupervisedNode(
        { name, module: mainModule(), args, port: port === 0 ? 0 : port + at },
        io,
        reject,
      );
      nodes.push(node);
      await node.start();
      return node;
    };
    void startAll(make, access, io, data).catch(reject);
  });
  try {
    const stopped = io.untilStopped(undefined, () => {
      io.err(`told all nodes to read ${keyFile} again`);
      for (const node of nodes) node.reload();
    });
    await Promise.race([failed, stopped]);
    io.err('stopping all nodes …');
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
  io.err(`stopped; everything is in ${data}`);
}

/** The certificates of the nodes, made unless they are there; in one step, for a kill may come. */
async function certificates(folder: string): Promise<NonNullable<Access['tls']>> {
  if (!existsSync(folder)) {
    const making = `${folder}.tmp`;
    rmSync(making, { recursive: true, force: true });
    await makeCertificates(making, ['bank-a', 'bank-b'], loopbackHosts);
    renameSync(making, folder);
  }
  const { cert: ca } = certificateFiles(folder, 'ca');
  return { folder, ca, fetch: trustingFetch(ca) };
}

function tlsFlags(folder: string, name: string): string[] {
  const { cert, key } = certificateFiles(folder, name);
  return ['--tls-cert', cert, '--tls-key', key, '--tls-ca', certificateFiles(folder, 'ca').cert];
}

type Make = (name: string, role: Role, at: number, more: string[]) => Promise<SupervisedNode>;

async function startAll(make: Make, access: Access, io: Io, data: string): Promise<void> {
  io.err('starting a coordinator and two participants …');
  const coordinator = await make('coordinator', 'coordinator', 0, []);
  const join = (name: string, at: number) =>
    make(name, 'participant', at, ['--name', name, '--coordinator', coordinator.address]);
  const participants = await Promise.all([join('bank-a', 1), join('bank-b', 2)]);
  for (const node of participants) await untilReady(node, access);
  await openDemoAccounts(participants, access);
  introduce(coordinator, participants, io, { data, ca: access.tls?.ca });
}

async function untilReady(node: SupervisedNode, { tls }: Access): Promise<void> {
  const end = performance.now() + readyMs;
  const participant = connectParticipant(node.address, { timeoutMs: 2_000, fetch: tls?.fetch });
  for (;;) {
    try {
      await participant.ready();
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    if (performance.now() > end) {
      throw new CommandError(1, `${node.name} was not ready within ${readyMs} ms`);
    }
    await new Promise((next) => setTimeout(next, 50));
  }
}

async function openDemoAccounts(
  participants: SupervisedNode[],
  { keys, tls }: Access,
): Promise<void> {
  for (const { participant, id } of demoAccounts) {
    const node = participants.find(({ name }) => name === participant);
    if (!node) continue;
    const ledger = connectParticipant(node.address, { key: keys.operator, fetch: tls?.fetch });
    try {
      await ledger.openAccount({ id, currency: 'USD', balance: 100_000 });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'account-exists') continue;
      throw new CommandError(1, `${participant} did not open account ${id}: ${error.message}`);
    }
  }
}

function introduce(
  coordinator: SupervisedNode,
  participants: SupervisedNode[],
  io: Io,
  { data, ca }: { data: string; ca: string | undefined },
): void {
  const nodes = [coordinator, ...participants];
  for (const { name, address, pid } of nodes) {
    io.out(`${name.padEnd(12)} ${address}  (process ${pid ?? '?'}, ${join(data, name)})`);
  }
  const [a, b] = participants;
  const body = '{"from":"bank-a/alice","to":"bank-b/bob","amount":2500,"currency":"USD"}';
  const isUsual = coordinator.address === 'http://127.0.0.1:7700';
  const at = isUsual ? '' : ` --coordinator ${coordinator.address}`;
  const trust = ca === undefined ? '' : ` --tls-ca ${shellWord(ca)}`;
  const curl = ca === undefined ? 'curl -s' : `curl -s --cacert ${shellWord(ca)}`;
  io.out(`
Everything is up. Move 25.00 USD from alice to bob:

  ${curl} -X POST ${coordinator.address}/transfers -H 'Content-Type: application/json' \\
    -H "Idempotency-Key: $(date +%s%N)" -d '${body}'

and look at both accounts:

  ${curl} ${a?.address ?? ''}/accounts/alice ${b?.address ?? ''}/accounts/bob

or in other words:

  npx unanimous transfer bank-a/alice bank-b/bob 25.00 USD${at}${trust}
  npx unanimous transfers${at}${trust}

Swagger UI: ${nodes.map(({ address }) => `${address}/docs`).join('  ')}
The log: jq . ${join(data, 'coordinator', 'log')}/*.json
Kill any node (kill -9 ${a?.pid ?? 'PID'}): it comes back, and nothing is lost. Ctrl-C stops all.`);
}

/** As it is written on a line for a shell. */
const shellWord = (text: string) =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
