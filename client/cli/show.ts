/** The command that shows one transfer. */
import type { Command } from 'commander';
import type { Transfer } from '../sdk/index.ts';
import { describeDamage } from './branches.ts';
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
  const damaged = transfer.participants.some((one) => one.state === 'damaged');
  const waiting = state === 'committed' && !applied ? ', not confirmed by everyone yet' : '';
  const look = { committed: 'good', aborted: 'bad', preparing: 'plain' } as const;
  const wrong = damaged ? ', but settled otherwise by an operator' : '';
  const head = `${id}: ${state}${reason ? ` (${reason})` : ''}${waiting}${wrong}`;
  io.out(head, damaged ? 'bad' : look[state]);
  for (const line of details(transfer)) io.out(line);
  io.out('');
  const [nodes = '', ...lines] = diagram(timeline, io.width);
  io.out(nodes, 'title');
  for (const line of lines) io.out(line);
}

function details(transfer: Transfer): string[] {
  const { legs, participants, reference, reverses, reversals = [] } = transfer;
  const { createdAt, decidedAt } = transfer;
  const votes = participants.map(({ name, vote, code, account, state, damage = [] }) => {
    const why = code ? ` (${code}${account ? ` on ${account}` : ''})` : '';
    const missing = damage.length === 0 ? '' : `: missing there is ${describeDamage(damage)}`;
    return `  ${name} voted ${vote}${why} and is ${state}${missing}`;
  });
  return [
    ...legs.map((leg, index) => `  ${legs.length > 1 ? `${index + 1}: ` : ''}${describeLeg(leg)}`),
    ...(reference === undefined ? [] : [`  for ${oneLine(reference)}`]),
    ...(reverses === undefined ? [] : [`  reverses ${reverses}`]),
    ...(reversals.length === 0 ? [] : [`  reversed by ${reversals.join(', ')}`]),
    ...votes,
    `  began ${createdAt}${decidedAt === undefined ? '' : `, decided ${decidedAt}`}`,
  ];
}
