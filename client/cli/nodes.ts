/** The commands that make and run one node. */
import { randomInt } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { coordinatorSettings } from '../../coordinator/config.ts';
import { formatKeys, keyRoles, makeKeys } from '../../http/keys.ts';
import type { NodeOptions, RunningNode } from '../../http/node.ts';
import { flagName, variableName } from '../../http/setting-names.ts';
import type { SettingSchema } from '../../http/settings.ts';
import { systemDisk } from '../../log/disk.ts';
import { initStore, type Role } from '../../log/store.ts';
import { participantSettings } from '../../participant/config.ts';
import { loopbackHosts, makeCertificates, validDays } from './certificates.ts';
import { CommandError, type Io } from './io.ts';
import { changeKeys, type RotationOptions } from './key-rotation.ts';

/** How long a node that was asked to stop may take. Milliseconds. */
const stopLimitMs = 10_000;

/**
 * How much garbage the heap may gather, in percent of what is alive. V8 would let it grow to a
 * multiple: a node that has worked hard would keep several times the memory that it needs.
 */
const heapSlackPercent = 30;

/** What the value of a setting is called; a shell completes folders and files. */
const kinds = { string: 'text', integer: 'n', number: 'n' };
const places: Readonly<Record<string, string>> = {
  data: 'folder',
  keys: 'file',
  tlsCert: 'file',
  tlsKey: 'file',
  tlsCa: 'file',
};

/** One kind of node as a command. */
interface NodeCommand {
  role: Role;
  properties: Readonly<Record<string, SettingSchema>>;
  /** Loads the server, only to run it: a client's command has answered by then. */
  load: () => Promise<(options: NodeOptions) => Promise<RunningNode>>;
  example: string;
}

/** Adds `init`, `keygen`, `coordinator` and `participant`. */
export function addNodeCommands(program: Command, io: Io): void {
  program
    .command('init')
    .description('make the store of a new node')
    .addOption(
      new Option('--role <role>', 'what the node will be')
        .choices(['coordinator', 'participant'])
        .makeOptionMandatory(),
    )
    .option('--data <folder>', 'folder to make the store in')
    .addOption(
      new Option(
        '--store <url>',
        'instead: PostgreSQL to make it in (UNANIMOUS_STORE), and its tables if there are none',
      ),
    )
    .option('--name <name>', 'with --store: the name of the participant')
    .addHelpText('after', initHelp)
    .action((options: InitOptions) => init(options, io));
  program
    .command('keygen [participants...]')
    .description(
      'make the keys of the four roles: client, coordinator, participant, operator; or, with ' +
        '--tls, the certificates of the coordinator and these participants',
    )
    .option('--out <file>', 'file to write the keys to; it must not exist yet')
    .option('--rotate <file>', 'file whose roles get a new key; the one before stays valid')
    .option('--retire <file>', 'file whose roles keep only the new key')
    .addOption(
      new Option('--role <role>', 'with --rotate or --retire: only this role').choices(keyRoles),
    )
    .option('--tls <folder>', 'folder for certificates: its CA is made if it has none')
    .addOption(
      new Option('--hosts <list>', 'with --tls: where clients reach these nodes, with commas')
        .default(loopbackHosts, loopbackHosts.join())
        .argParser(parseHosts),
    )
    .addHelpText('after', keygenHelp)
    .action((participants: string[], options: KeygenOptions) => keygen(participants, options, io));
  addNode(program, io, {
    role: 'coordinator',
    properties: coordinatorSettings.properties,
    load: async () => (await import('../../coordinator/main.ts')).runCoordinator,
    example: 'unanimous coordinator --data data/coordinator --keys keys.json',
  });
  addNode(program, io, {
    role: 'participant',
    properties: participantSettings.properties,
    load: async () => (await import('../../participant/main.ts')).runParticipant,
    example:
      'unanimous participant --data data/bank-c --keys keys.json --name bank-c \\\n' +
      '    --coordinator http://127.0.0.1:7700',
  });
}

const initHelp = `
Examples:
  unanimous init --role participant --data data/bank-c
  unanimous init --role participant --name bank-c --store postgres://bank@db.internal/unanimous`;

interface InitOptions {
  role: Role;
  data?: string;
  store?: string;
  name?: string;
}

async function init({ role, data, store, name }: InitOptions, io: Io): Promise<void> {
  const url = store ?? (data === undefined ? io.env['UNANIMOUS_STORE'] : undefined);
  if ((data === undefined) === (url === undefined)) {
    throw new CommandError(2, 'init takes one of --data FOLDER and --store URL');
  }
  if (data !== undefined) {
    if (name !== undefined) throw new CommandError(2, '--name goes with --store');
    const made = await makeStore(data, role);
    io.out(`made the ${role} store ${made.store} in ${data}`);
  } else if (url !== undefined) {
    if (role === 'participant' && name === undefined) {
      throw new CommandError(
        2,
        '--name is missing: a database has the stores of many participants',
      );
    }
    if (role === 'coordinator' && name !== undefined) {
      throw new CommandError(2, '--name goes with --role participant');
    }
    const { initPostgresStore } = await import('../../log/postgres/store.ts');
    const wanted = { role, name: name ?? role, store: randomStoreId(), url };
    const made = await initPostgresStore(wanted);
    io.out(`made the store ${made.store} of the ${role} ${wanted.name}`);
  }
}

const keygenHelp = `
A running node reads its files again when it gets SIGHUP.

A certificate is good for ${validDays.node} days, the CA for ${validDays.ca}. To renew one, move its
two files away, make it anew, and send its node SIGHUP. Whoever has ca-key.pem can be any node: keep
it where no node runs.

Examples:
  unanimous keygen --out keys.json
  unanimous keygen --rotate keys.json --role client
  unanimous keygen --retire keys.json --role client
  unanimous keygen --tls certificates bank-a bank-b
  unanimous keygen --tls certificates --hosts bank-c.example,10.0.0.7 bank-c`;

interface KeygenOptions extends RotationOptions {
  out?: string;
  tls?: string;
  hosts: string[];
}

async function keygen(
  participants: readonly string[],
  { out, tls, hosts, ...rotation }: KeygenOptions,
  io: Io,
): Promise<void> {
  const { rotate, retire, role } = rotation;
  if ([out, rotate, retire, tls].filter((one) => one !== undefined).length !== 1) {
    const ways = '--out FILE, --rotate FILE, --retire FILE and --tls FOLDER';
    throw new CommandError(2, `keygen takes one of ${ways}`);
  }
  if (tls === undefined && participants.length > 0) {
    throw new CommandError(2, 'names of participants go with --tls: they get certificates');
  }
  if (role && !rotate && !retire) {
    throw new CommandError(2, '--role goes with --rotate or --retire: a new file has all');
  }
  if (tls !== undefined) {
    const made = await makeCertificates(tls, participants, hosts);
    io.out(`made in ${tls}: ${made.join(', ')}; each as NAME.pem, with its key in NAME-key.pem`);
  } else if (out === undefined) {
    await changeKeys(rotation, io);
  } else {
    await writeKeys(out);
    io.out(`wrote ${out}; every node of the cluster reads the same file`);
  }
}

/** @throws {InvalidArgumentError} unless all are names or addresses of hosts */
function parseHosts(text: string): string[] {
  const hosts = text.split(',');
  const isHost = (host: string) => isIP(host) || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host);
  if (hosts.every(isHost)) return hosts;
  throw new InvalidArgumentError('It must be names or IP addresses, separated by commas.');
}

/** Makes a store under a new random id. */
export function makeStore(folder: string, role: Role) {
  return initStore({ folder, role, store: randomStoreId(), disk: systemDisk });
}

/** Makes those stores that a database does not have, and its tables. */
export async function makeStoresInDatabase(
  url: string,
  wanted: readonly { readonly role: Role; readonly name: string }[],
): Promise<void> {
  const [{ connect }, { migrate }, { initPostgresStore }] = await Promise.all([
    import('../../log/postgres/database.ts'),
    import('../../log/postgres/schema.ts'),
    import('../../log/postgres/store.ts'),
  ]);
  const database = await connect(url);
  try {
    await migrate(database);
    for (const { role, name } of wanted) {
      const found = 'SELECT FROM unanimous.stores WHERE role = $1 AND name = $2';
      if ((await database.query(found, [role, name])).length > 0) continue;
      await initPostgresStore({ url, role, name, store: randomStoreId() });
    }
  } finally {
    await database.close();
  }
}

function randomStoreId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');
}

/**
 * Writes new keys into a file that only its owner can read.
 * @throws {CommandError} if the file exists
 */
export async function writeKeys(file: string): Promise<void> {
  try {
    const whole = `${file}.${process.pid}.tmp`;
    const handle = await open(whole, 'wx', 0o600);
    try {
      await handle.writeFile(formatKeys(makeKeys()));
      await handle.sync();
      // Unlike a rename, a link never replaces what is there.
      await link(whole, file);
    } finally {
      await handle.close();
      await rm(whole);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(1, `cannot write ${file}: ${reason}`);
  }
}

/** Adds an option for each setting of a node. */
export function addSettings(command: Command, properties: NodeCommand['properties']): void {
  for (const [name, setting] of Object.entries(properties)) {
    const { type, description } = setting;
    const argument = type === 'boolean' ? '' : ` <${places[name] ?? kinds[type]}>`;
    const preset = setting.default === undefined ? '' : `default ${setting.default}, `;
    const text = `${description} (${preset}${variableName(name)})`;
    command.addOption(new Option(`${flagName(name)}${argument}`, text));
  }
}

/** A command whose options are the node's settings, one for one. */
function addNode(program: Command, io: Io, node: NodeCommand): void {
  const { role, properties, load, example } = node;
  const command = program.command(role).description(`run a ${role} until it is stopped`);
  addSettings(command, properties);
  command.addHelpText('after', `\nExample:\n  ${example}`);
  command.action(async (flags: Record<string, string | boolean | undefined>) => {
    const onFatal = (error: Error) => {
      io.err(error.message);
      io.exit(1);
    };
    setFlagsFromString(`--heap-growing-percent=${heapSlackPercent}`);
    const waiting = new AbortController();
    const { signal } = waiting;
    const started = load().then((run) => run({ flags, env: io.env, signal, onFatal }));
    // Also if it comes early: the file may have changed since. A failed start is told of below.
    const reload = () =>
      void started.then(
        (node) => {
          node.reload();
        },
        () => undefined,
      );
    // From the first moment on: whoever starts this node may be gone before it listens.
    const stopped = io.untilStopped(undefined, reload);
    void stopped.then(() => {
      waiting.abort();
    });
    const node = await started.catch((error: unknown) => {
      if (!signal.aborted || error !== signal.reason) throw error;
    });
    if (!node) {
      io.exit(0);
      return;
    }
    if (!io.tellParent({ type: 'listening', address: node.address })) {
      io.err(`${role} listens on ${node.address}; Swagger UI: ${node.address}/docs`);
    }
    await stopped;
    io.exitAfter(stopLimitMs);
    await node.stop();
    io.exit(0);
  });
}
