/** The command that says what an error means. */
import type { Command } from 'commander';
import { addShared, coordinatorOf, type ClientOptions } from './client-command.ts';
import type { Io } from './io.ts';
import { printOne } from './print.ts';

/** Adds `explain`. */
export function addExplainCommand(program: Command, io: Io): void {
  const command = program
    .command('explain <code>')
    .description('say what the code of an error means, and what to do about it');
  addShared(command, io, 'explain insufficient-funds').action(
    async (wanted: string, options: ClientOptions) => {
      const problem = await coordinatorOf(options).problem(wanted);
      const { code, title, description, status, definite, retryable } = problem;
      const fields = {
        meaning: description,
        status: String(status),
        definite: definite ? 'yes: nothing happened, and nothing will' : 'no: it may have happened',
        retryable: retryable ? 'yes: a new attempt may succeed unchanged' : 'no',
      };
      printOne(problem, options, `${title} (${code})`, fields, io);
    },
  );
}
