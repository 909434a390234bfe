/** What every command of a client has in common. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  ApiError,
  connect,
  connectParticipant,
  type ConnectOptions,
  type Participant,
  type ParticipantFilter,
  type ParticipantInfo,
  type Unanimous,
} from '../sdk/index.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './table.ts';
import { trustingFetch } from './trusting-fetch.ts';

/** How a command reaches the coordinator, and how long it tries. */
export interface ConnectionOptions {
  coordinator: string;
  key?: string;
  /** A file in PEM. */
  tlsCa?: string;
  /** Seconds. */
  timeout: number;
}

export interface ClientOptions extends ConnectionOptions {
  json?: true;
}

/** One attempt may take this long: a vote deadline, the confirmations, and some patience. */
export const attemptMs = 10_000;

/** Scripts rely on them: see the README. */
export const exitCodes = `Exit code:
  0  it happened, or here is the answer
  1  it did not happen, or there is no answer
  2  the command is wrong
  3  not known yet: ask again`;

/** Adds the options of every client command, and to its help the exit codes and examples. */
export function addShared(command: Command, io: Io, ...examples: string[]): Command {
  const lines = examples.map((example) => `\n  unanimous ${example}`).join('');
  command.option('--json', 'print JSON for scripts: one document, or of a list one a line');
  return addConnectionOptions(command, io).addHelpText(
    'after',
    `\n${exitCodes}\n\nExamples:${lines}`,
  );
}

/** Adds `--coordinator`, `--key`, `--tls-ca` and `--timeout`. */
export function addConnectionOptions(command: Command, { env }: Io): Command {
  // A variable that is empty counts as none.
  const key = env['UNANIMOUS_KEY'] || undefined;
  return command
    .option(
      '--coordinator <url>',
      'address of the coordinator (UNANIMOUS_COORDINATOR)',
      env['UNANIMOUS_COORDINATOR'] || 'http://127.0.0.1:7700',
    )
    .addOption(
      new Option('--key <key>', 'client key, if it asks for one (UNANIMOUS_KEY)')
        .default(key, 'it is set')
        .argParser(parseVisible),
    )
    .option(
      '--tls-ca <file>',
      'CA to trust with https addresses, and no other (UNANIMOUS_TLS_CA)',
      env['UNANIMOUS_TLS_CA'] || undefined,
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait for an answer, 1 to 600')
        .default(30)
        .argParser((text) => parseWhole(text, 1, 600)),
    );
}

/** How much of a list is wanted. */
export interface LimitOptions {
  limit: number;
  all?: true;
}

/** The most that `--limit` takes. */
const mostItems = 1_000_000;

/** Adds `--limit` and `--all`. */
export function addLimit(command: Command): Command {
  return command
    .addOption(
      new Option('--limit <n>', `at most this many, 1 to ${mostItems}`)
        .default(20)
        .argParser((text) => parseWhole(text, 1, mostItems)),
    )
    .addOption(new Option('--all', 'all of them, however many').conflicts('limit'));
}

/** Says, once a list is printed, where an operator has moved what is older. */
export async function tellArchived(
  list: (onArchived: (folder: string) => void) => Promise<void>,
  io: Io,
): Promise<void> {
  const folders: string[] = [];
  await list((folder) => folders.push(folder));
  for (const folder of folders) io.err(`what is older was moved to ${folder}`);
}

export const limitOf = ({ all, limit }: LimitOptions) => (all ? Infinity : limit);

/** @throws {InvalidArgumentError} unless it can stand in a header */
export function parseVisible(text: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 255 visible ASCII characters.');
}

/** @throws {InvalidArgumentError} unless it is a whole number from `least` to `most` */
export function parseWhole(text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
}

/**
 * The coordinator that a command talks to.
 * @param timeoutMs for one request; unless told, what `--timeout` says
 * @throws {CommandError} if the address or the key cannot be one
 */
export function coordinatorOf(
  options: ConnectionOptions,
  timeoutMs = options.timeout * 1000,
): Unanimous {
  const { coordinator } = options;
  try {
    return connect(coordinator, { ...accessOf(options), timeoutMs });
  } catch (error) {
    throw error instanceof TypeError ? new CommandError(2, error.message) : error;
  }
}

/**
 * A participant, where the coordinator says that it is.
 * @throws {CommandError} if that cannot be an address
 */
export function participantAt(
  { name, address }: ParticipantInfo,
  options: ConnectionOptions,
): Participant {
  try {
    const timeoutMs = options.timeout * 1000;
    return connectParticipant(address, { ...accessOf(options), timeoutMs });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(1, oneLine(`${name}: ${error.message}`));
  }
}

/**
 * What lets a command in, and whom it trusts.
 * @throws {CommandError} if the CA cannot be read
 */
export function accessOf({
  key,
  tlsCa,
}: Pick<ConnectionOptions, 'key' | 'tlsCa'>): Pick<ConnectOptions, 'key' | 'fetch'> {
  return { key, ...(tlsCa !== undefined && { fetch: trustingFetch(tlsCa) }) };
}

/** What a node has answered, in one line and in the words of the command line. */
export function sentenceOf({ code, message }: ApiError): string {
  const said = oneLine(message);
  if (code === 'untrusted') return `${said} (--tls-ca or UNANIMOUS_TLS_CA gives its CA)`;
  return code === 'unauthenticated' ? `${said} (--key or UNANIMOUS_KEY gives it)` : said;
}

/** What a participant keeps: `bank-a/alice` is the account `alice` of `bank-a`. */
export interface Path {
  readonly participant: string;
  readonly id: string;
}

/** @throws {CommandError} unless it is a participant, a slash and an id, as in `example` */
export function parsePath(text: string, example: string): Path {
  const [participant = '', id = '', ...more] = text.split('/');
  if (participant && id && more.length === 0) return { participant, id };
  throw new CommandError(2, `"${text}" must be a participant, a slash and an id: ${example}`);
}

/** The participant of this name. */
export async function participantOf(options: ClientOptions, name: string): Promise<Participant> {
  return participantAt(await coordinatorOf(options).participant(name), options);
}

/** What is known of the participant of this name, or of all that the filter lets through. */
export async function participantsOf(
  options: ClientOptions,
  name: string | undefined,
  filter: ParticipantFilter = {},
): Promise<ParticipantInfo[]> {
  const coordinator = coordinatorOf(options);
  if (name !== undefined) return [await coordinator.participant(name)];
  const all = [];
  for await (const one of coordinator.participants(filter)) all.push(one);
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The items of one participant, or of all, in turn, each with the name of its participant.
 * @throws {CommandError} at the end, if some participants could not be read
 */
export async function* fromEach<T extends object>(
  options: ClientOptions,
  name: string | undefined,
  list: (participant: Participant) => AsyncIterable<T>,
): AsyncGenerator<T & { participant: string }, void, undefined> {
  const unread = [];
  for (const info of await participantsOf(options, name)) {
    try {
      for await (const item of list(participantAt(info, options))) {
        yield { participant: info.name, ...item };
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      unread.push(`${info.name} (${sentenceOf(error)})`);
    }
  }
  if (unread.length > 0) throw new CommandError(1, `not read: ${unread.join(', ')}`);
}
