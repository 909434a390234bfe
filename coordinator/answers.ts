import type { FastifyRequest } from 'fastify';
import type { Answer } from '../http/problems.ts';
import type { Coordinator } from './coordinator.ts';

/** An answer is computed first, then waits: whatever it was computed from is durable. */
export async function answer(coordinator: Coordinator, computed: Answer): Promise<Answer> {
  await coordinator.durable();
  return computed;
}

export function preferOf({ headers }: FastifyRequest): string | undefined {
  const prefer = headers['prefer'];
  return typeof prefer === 'string' ? prefer : undefined;
}
