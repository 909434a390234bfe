import type { FastifyRequest } from 'fastify';
import type { Operation } from './contract.ts';
import type { Answer } from './problems.ts';

/** Where refusals are told. */
interface Logger {
  warn(details: object, message: string): void;
}

/** Between two lines about refused requests. Milliseconds. */
const leastGapMs = 1_000;

/**
 * Tells of requests that are refused for their key or certificate, in a line a second at most: a
 * flood of wrong keys fills no disk. The next line says how many were passed over.
 */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #now: () => number;
  #quietUntil = -Infinity;
  #untold = 0;

  /** @param now monotonic milliseconds */
  constructor(logger: Logger, now = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
  }

  /** @param request of which nothing is told that could be a key */
  tell(request: FastifyRequest, { operationId }: Operation, { status }: Answer): void {
    const now = this.#now();
    if (now < this.#quietUntil) {
      this.#untold += 1;
      return;
    }
    this.#quietUntil = now + leastGapMs;
    const { id, ip } = request;
    const details = { requestId: id, operation: operationId, status, ip, others: this.#untold };
    this.#untold = 0;
    this.#logger.warn(
      details,
      `a request was refused for its key or certificate: ${operationId}, ${status}`,
    );
  }
}
