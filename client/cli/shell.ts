/** `unanimous shell`: transfers as one types them. */
import type { Command } from 'commander';
import {
  addConnectionOptions,
  attemptMs,
  coordinatorOf,
  participantAt,
  sentenceOf,
  type ConnectionOptions,
} from './client-command.ts';
import { CommandError, type Io } from './io.ts';
import { AccountReader } from './shell/account-reader.ts';
import { shorten } from './shell/accounts.ts';
import { complete } from './shell/completion.ts';
import { History, historyFile } from './shell/history.ts';
import { openPipe, openTerminal, type Screen } from './shell/screen.ts';
import { Session, type Run } from './shell/session.ts';
import { Transfers } from './shell/transfers.ts';

interface ShellOptions extends ConnectionOptions {
  history?: string;
}

/** For one request to read what there is; a node that is slower is not there. */
const readSeconds = 2;

/** Not SIGHUP, which ends the process: with the terminal gone, nobody could be told anything. */
const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/** Runs a command line, and gives its exit code. */
type RunCli = (args: readonly string[], io: Io) => Promise<number>;

/** Adds `shell`; some of its commands are those of the command line, which `runCli` runs. */
export function addShellCommand(program: Command, io: Io, runCli: RunCli): void {
  addConnectionOptions(program.command('shell'), io)
    .description('type transfers, and see each answer as it comes')
    .option('--history <file>', `where to keep what you type (default: ${historyFile(io.env)})`)
    .addHelpText('after', more)
    .action((options: ShellOptions) => shell(options, io, runCli));
}

const more = `
Type "help" in it for its commands. Without a terminal it reads a script: one command a line, one
line on stdout for the answer to each transfer, and at the end it waits for those under way. The
exit code of a script is the highest that applies: 0 all transfers happened, 1 one did not happen,
2 a line was not understood, 3 the outcome of one is not known. At a terminal it is 0 or 3.

Examples:
  unanimous shell
  echo "transfer 25 from alice to bob" | unanimous shell`;

/** @throws {CommandError} if it does not end well */
async function shell(options: ShellOptions, io: Io, runCli: RunCli): Promise<void> {
  const session = open(options, io, runCli);
  const { screen, reader, transfers } = session.parts;
  let reading = true;
  void io.untilStopped(stopSignals).then(() => {
    if (reading) session.stop();
  });
  try {
    for await (const line of screen.lines) {
      if (await session.do(line)) break;
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    session.fail(error.message);
  }
  reading = false;
  screen.close();
  reader.close();
  if (transfers.underWay > 0 && session.watched) {
    const count = `${transfers.underWay} under way`;
    screen.err(`${count}: waiting for what becomes of it (Ctrl-C leaves at once)`);
  }
  await Promise.race([transfers.settled(), io.untilStopped(stopSignals)]);
  for (const line of transfers.abandon()) screen.err(line);
  session.conclude();
}

function open(options: ShellOptions, io: Io, runCli: RunCli): Session {
  const { coordinator: address, key, tlsCa, timeout } = options;
  const reading = { ...options, timeout: readSeconds };
  const { input, terminal } = io.typed();
  const tell = (line: string) => {
    if (terminal) screen.err(line);
  };
  const transfers = new Transfers({
    coordinator: coordinatorOf(options, attemptMs),
    address,
    patienceMs: timeout * 1000,
    onAnswer: ({ line, count }) => {
      screen.out(line, count === 'committed' ? 'good' : 'bad');
    },
    onSlow: tell,
  });
  const reader = new AccountReader(
    coordinatorOf(reading),
    (participant) => participantAt(participant, reading),
    () => {
      tell(connectionState(reader, address));
    },
  );
  const screen: Screen = terminal
    ? openTerminal(io, {
        input,
        output: terminal,
        history: new History(options.history ?? historyFile(io.env), (why) => {
          io.err(why);
        }),
        complete(line) {
          reader.refresh();
          return complete(line, reader.listings, transfers.ids.values());
        },
        interrupt: () => session.interrupt(),
      })
    : openPipe(input, io);
  const connection = ['--coordinator', address, '--timeout', String(timeout)];
  if (key !== undefined) connection.push('--key', key);
  if (tlsCa !== undefined) connection.push('--tls-ca', tlsCa);
  const run: Run = (args, print) => runCli([...args, ...connection], { ...io, ...print });
  const session: Session = new Session({ screen, transfers, reader, script: !terminal, run });
  tell('Type help, or a transfer such as: transfer 25.00 from alice to bob');
  reader.refresh();
  return session;
}

/** What is told at a terminal when the coordinator begins to answer, or does no longer. */
function connectionState({ trouble, listings }: AccountReader, address: string): string {
  if (trouble) return `cannot read the accounts, but goes on trying: ${sentenceOf(trouble)}`;
  const names = shorten([...(listings?.keys() ?? [])], ', ');
  return `${address} answers; its participants are ${names}`;
}
