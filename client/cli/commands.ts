/** The commands of a client. */
import type { Command } from 'commander';
import type { Transfer } from '../sdk/index.ts';
import { addAccountCommands } from './accounts.ts';
import { addBranchCommand } from './branches.ts';
import { addShared, coordinatorOf, type ClientOptions } from './client-command.ts';
import { addExplainCommand } from './explain.ts';
import { jsonLine, type Io } from './io.ts';
import { addParticipantsCommand } from './participants.ts';
import { addStatusCommand } from './status.ts';
import { addTransferCommand } from './transfer.ts';
import { addTransfersCommand, describeLeg } from './transfers.ts';

/** Adds everything that asks a coordinator or its participants. */
export function addClientCommands(program: Command, io: Io): void {
  addTransferCommand(program, io);
  addShowCommand(program, io);
  addTransfersCommand(program, io);
  addAccountCommands(program, io);
  addParticipantsCommand(program, io);
  addBranchCommand(program, io);
  addStatusCommand(program, io);
  addExplainCommand(program, io);
}

function addShowCommand(program: Command, io: Io): void {
  const command = program
    .command('show <id>')
    .description('show one transfer: its state, legs and votes');
  addShared(command, io, 'show k3f9q2ma-1-42').action(
    async (id: string, options: ClientOptions) => {
      const found = await coordinatorOf(options).getTransfer(id);
      io.out(options.json ? jsonLine(found) : describe(found));
    },
  );
}

function describe(transfer: Transfer): string {
  const { id, state, applied, reason, legs, participants, reference } = transfer;
  const { createdAt, decidedAt } = transfer;
  const waiting = state === 'committed' && !applied ? ', not confirmed by everyone yet' : '';
  return [
    `${id}: ${state}${reason ? ` (${reason})` : ''}${waiting}`,
    ...(reference ? [`  for      ${reference}`] : []),
    ...legs.map((leg) => `  moves    ${describeLeg(leg)}`),
    ...participants.map(({ name, vote, code, state: now }) => {
      return `  ${name.padEnd(8)} voted ${vote}${code ? ` (${code})` : ''}, ${now}`;
    }),
    `  began    ${createdAt}`,
    ...(decidedAt ? [`  decided  ${decidedAt}`] : []),
  ].join('\n');
}
