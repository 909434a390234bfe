/** The command that shows one transfer. */
import type { Command } from 'commander';
import type { Transfer } from '../sdk/index.ts';
import { addShared, coordinatorOf, type ClientOptions } from './client-command.ts';
import { diagram } from './diagram.ts';
import { jsonLine, type Io } from './io.ts';
import { oneLine } from './table.ts';
import { describeLeg } from './transfers.ts';

/** Adds `show`. */
export function addShowCommand(program: Command, io: Io): void {
  const command = program
    .command('show <id>')
    .description('show one transfer: what became of it, and step by step who sent what when');
  addShared(command, io, 'show k3f9q2ma-1-42', 'show k3f9q2ma-1-42 --json').action(
    (id: string, options: ClientOptions) => show(id, options, io),
  );
}

async function show(id: string, options: ClientOptions, io: Io): Promise<void> {
  const unanimous = coordinatorOf(options);
  const [transfer, timeline] = await Promise.all([
    unanimous.getTransfer(id),
    unanimous.timeline(id),
  ]);
  if (options.json) {
    io.out(jsonLine({ ...transfer, timeline }));
    return;
  }
  const { state, reason, applied } = transfer;
  const waiting = state === 'committed' && !applied ? ', not confirmed by everyone yet' : '';
  const look = { committed: 'good', aborted: 'bad', preparing: 'plain' } as const;
  io.out(`${id}: ${state}${reason ? ` (${reason})` : ''}${waiting}`, look[state]);
  for (const line of details(transfer)) io.out(line);
  io.out('');
  const [head = '', ...lines] = diagram(timeline, io.width);
  io.out(head, 'title');
  for (const line of lines) io.out(line);
}

function details({ legs, participants, reference, createdAt, decidedAt }: Transfer): string[] {
  const votes = participants.map(({ name, vote, code, account, state }) => {
    const why = code ? ` (${code}${account ? ` on ${account}` : ''})` : '';
    return `  ${name} voted ${vote}${why} and is ${state}`;
  });
  return [
    ...legs.map((leg) => `  ${describeLeg(leg)}`),
    ...(reference === undefined ? [] : [`  for ${oneLine(reference)}`]),
    ...votes,
    `  began ${createdAt}${decidedAt === undefined ? '' : `, decided ${decidedAt}`}`,
  ];
}
