/** What may stand where the cursor is, on a command line that is still being written. */
import type { Command, Option } from 'commander';
import { problems } from '../../http/problems.ts';
import { scenarios } from '../scenarios/index.ts';
import { connect, connectParticipant, type ParticipantInfo } from '../sdk/index.ts';
import { currencies } from './amounts.ts';
import { accessOf, type ClientOptions } from './client-command.ts';

/** A command line as far as it has been read. */
interface Line {
  readonly command: Command;
  /** The option whose value the cursor is at. */
  readonly option: Option | undefined;
  /** How many arguments stand before the cursor. */
  readonly position: number;
  /** Of the options before it, by attribute name. */
  readonly values: Readonly<Record<string, string>>;
  /** The word at the cursor, in two: what stays (`--state=`), and what is to be completed. */
  readonly prefix: string;
  readonly current: string;
  /** Aborted when nobody waits any longer. */
  readonly ended: AbortSignal;
}

type Words = readonly string[] | Promise<readonly string[]>;

/** Instead of words: the scripts in completion.ts let the shell complete names of files. */
const files = ':files';

/** For all that is asked of the nodes. Milliseconds. */
const patienceMs = 1_000;

/** A longer list helps nobody. */
const most = { participants: 20, accounts: 100, transfers: 20 };

/** By the name of an argument, or of an option's value. */
const sources: Readonly<Record<string, (line: Line) => Words>> = {
  participant: async (line) => names(await participants(line)),
  'participant[/transfer]': async (line) => names(await participants(line)),
  'participant[/account]': async (line) => {
    const all = await participants(line);
    return [...names(all), ...(await accounts(line, all))];
  },
  'participant/account': async (line) => accounts(line, await participants(line)),
  from: async (line) => accounts(line, await participants(line)),
  to: async (line) => accounts(line, await participants(line)),
  id: transfers,
  'in-doubt': async (line) => [
    ...new Set((await participants(line)).flatMap(({ inDoubt }) => inDoubt)),
  ],
  currency: () => currencies,
  code: () => Object.keys(problems),
  names: () => ['all', ...scenarios.map(({ name }) => name)],
  file: () => [files],
  folder: () => [files],
};

/**
 * The words that may stand where the last of `words` is. What only the nodes know is missing when
 * they do not answer in time.
 */
export async function complete(
  program: Command,
  words: readonly string[],
): Promise<readonly string[]> {
  const line = readLine(program, words);
  const found = await wordsFor(line);
  if (found[0] === files) return found;
  // A shell must not be handed anything that means something to it.
  const fitting = found.filter(
    (word) => word.startsWith(line.current) && /^(--)?\w[\w./-]*$/.test(word),
  );
  return fitting.map((word) => line.prefix + word);
}

function readLine(program: Command, words: readonly string[]): Line {
  const [, prefix = ''] = /^(--[\w-]+=)/.exec(words.at(-1) ?? '') ?? [];
  const before = words.flatMap((word) => {
    const [, name, value] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
    return name === undefined || value === undefined ? [word] : [name, value];
  });
  const current = before.pop() ?? '';
  let command = program;
  let position = 0;
  let option: Option | undefined;
  const values: Record<string, string> = {};
  for (const word of before) {
    const next = command.commands.find((one) => one.name() === word);
    if (option) {
      values[option.attributeName()] = word;
      option = undefined;
    } else if (/^-\D/.test(word)) {
      const named = command.options.find(({ short, long }) => word === short || word === long);
      if (named?.required) option = named;
    } else if (next) {
      command = next;
    } else {
      position += 1;
    }
  }
  const ended = AbortSignal.timeout(patienceMs);
  return { command, option, position, values, prefix, current, ended };
}

function wordsFor(line: Line): Words {
  const { command, option, position, current } = line;
  if (option) return option.argChoices ?? wordsNamed(/<(.*)>$/.exec(option.flags)?.[1], line);
  const help = command.createHelp();
  if (current.startsWith('-')) {
    return help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  }
  if (command.commands.length > 0) return help.visibleCommands(command).map((one) => one.name());
  const declared = command.registeredArguments;
  const single = declared.filter(({ variadic }) => !variadic);
  // A variadic argument behind others takes what they take, again and again.
  const at = single.length < declared.length ? position % (single.length || 1) : position;
  const argument = single.length === 0 ? declared[0] : single[at];
  return argument?.argChoices ?? wordsNamed(argument?.name(), line);
}

const wordsNamed = (name = '', line: Line): Words => sources[name]?.(line) ?? [];

const names = (all: readonly ParticipantInfo[]) => all.map(({ name }) => name);

function participants(line: Line): Promise<ParticipantInfo[]> {
  const { coordinator, ...options } = access(line);
  const list = () =>
    connect(coordinator, accessOf(options)).participants({}, { signal: line.ended });
  return gather(list, most.participants);
}

/** Of the participants that the word at the cursor may name. */
async function accounts(line: Line, all: readonly ParticipantInfo[]): Promise<string[]> {
  const { current, ended: signal } = line;
  const meant = all.filter(({ name }) => {
    return name.startsWith(current) || current.startsWith(`${name}/`);
  });
  const lists = meant.map(async ({ name, address }) => {
    const list = () => connectParticipant(address, accessOf(access(line))).accounts({}, { signal });
    return (await gather(list, most.accounts)).map(({ id }) => `${name}/${id}`);
  });
  return (await Promise.all(lists)).flat();
}

async function transfers(line: Line): Promise<string[]> {
  const { coordinator, ...options } = access(line);
  const filter = { pageSize: most.transfers };
  const list = () =>
    connect(coordinator, accessOf(options)).transfers(filter, { signal: line.ended });
  return (await gather(list, most.transfers)).map(({ id }) => id);
}

/** The options that say where the nodes are, as far as they stand on the line. */
function access({ command, values }: Line) {
  const { coordinator, key, tlsCa } = { ...command.opts<ClientOptions>(), ...values };
  return { coordinator, ...(key !== undefined && { key }), ...(tlsCa !== undefined && { tlsCa }) };
}

/** The first of a list, or what came before it failed: a half-written line gets no error. */
async function gather<T>(list: () => AsyncIterable<T>, atMost: number): Promise<T[]> {
  const items: T[] = [];
  try {
    for await (const item of list()) {
      items.push(item);
      if (items.length === atMost) break;
    }
  } catch {
    return items;
  }
  return items;
}
