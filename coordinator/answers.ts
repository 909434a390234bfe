import type { FastifyRequest } from 'fastify';
import { problem, type Answer } from '../http/problems.ts';
import type { Handler } from '../http/server.ts';
import { ArchivedError } from '../log/archived.ts';
import type { Coordinator } from './coordinator.ts';

/** An answer is computed first, then waits: whatever it was computed from is durable. */
export async function answer(coordinator: Coordinator, computed: Answer): Promise<Answer> {
  await coordinator.durable();
  return computed;
}

/** What an operation cannot say, as the records were moved elsewhere: it says where. */
export function orArchived(
  code: 'transfer-archived' | 'records-archived',
  handle: Handler,
): Handler {
  return async (request) => {
    try {
      return await handle(request);
    } catch (error) {
      if (!(error instanceof ArchivedError)) throw error;
      return problem(code, { detail: error.message, archivedTo: error.to });
    }
  };
}

export function preferOf({ headers }: FastifyRequest): string | undefined {
  const prefer = headers['prefer'];
  return typeof prefer === 'string' ? prefer : undefined;
}
