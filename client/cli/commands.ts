/** The commands of a client. */
import type { Command } from 'commander';
import { addAccountCommands } from './accounts.ts';
import { addBranchCommand } from './branches.ts';
import { addBulkCommand } from './bulk.ts';
import { addExplainCommand } from './explain.ts';
import type { Io } from './io.ts';
import { addParticipantsCommand } from './participants.ts';
import { addReverseCommands } from './reverse.ts';
import { addSettleCommands } from './settle.ts';
import { addShowCommand } from './show.ts';
import { addSnapshotCommand } from './snapshot.ts';
import { addStatementCommand } from './statement.ts';
import { addStatusCommand } from './status.ts';
import { addTransferCommand } from './transfer.ts';
import { addTransfersCommand } from './transfers.ts';
import { addWatchCommand } from './watch.ts';

/** Adds everything that asks a coordinator or its participants. */
export function addClientCommands(program: Command, io: Io): void {
  addTransferCommand(program, io);
  addBulkCommand(program, io);
  addReverseCommands(program, io);
  addShowCommand(program, io);
  addTransfersCommand(program, io);
  addWatchCommand(program, io);
  addAccountCommands(program, io);
  addStatementCommand(program, io);
  addSnapshotCommand(program, io);
  addParticipantsCommand(program, io);
  addBranchCommand(program, io);
  addSettleCommands(program, io);
  addStatusCommand(program, io);
  addExplainCommand(program, io);
}
