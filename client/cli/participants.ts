/** The command about participants. */
import { Option, type Command } from 'commander';
import type { ParticipantFilter, ParticipantInfo } from '../sdk/index.ts';
import { addShared, participantsOf, type ClientOptions } from './client-command.ts';
import type { Io } from './io.ts';
import { printList, printOne, type Listing } from './print.ts';

const listing: Listing<ParticipantInfo> = {
  columns: { texts: ['NAME', 'HEALTH', 'ADDRESS'], numbers: ['IN DOUBT'] },
  row: ({ name, address, health, inDoubt }) => ({
    cells: [name, health, address, String(inDoubt.length)],
    ...(health === 'down' && { look: 'bad' }),
  }),
  none: 'no participants',
};

/** Adds `participants`. */
export function addParticipantsCommand(program: Command, io: Io): void {
  const command = program
    .command('participants [participant]')
    .description('list the participants and their health, or show one in full')
    .addOption(
      new Option('--health <health>', 'only those with this health').choices([
        'up',
        'down',
        'unknown',
      ]),
    );
  const down = 'participants --health down';
  addShared(command, io, 'participants', 'participants bank-a', down).action(
    async (name: string | undefined, options: ClientOptions & ParticipantFilter) => {
      const { health } = options;
      const participants = await participantsOf(options, name, health && { health });
      if (name === undefined) await printList(participants, options, listing, io);
      else for (const one of participants) print(one, options, io);
    },
  );
}

function print(participant: ParticipantInfo, options: ClientOptions, io: Io): void {
  const { name, health, address, store, epoch, lastSeenAt, reason, inDoubt } = participant;
  const fields = {
    health,
    address,
    store: `${store}, epoch ${epoch}`,
    'last seen': lastSeenAt ?? 'not since the coordinator has started',
    reason,
    'in doubt': inDoubt.join(', ') || 'nothing',
  };
  printOne(participant, options, name, fields, io);
}
