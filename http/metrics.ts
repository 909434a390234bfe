import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { FastifyRequest } from 'fastify';
import { loadContract, type NodeRole } from './contract.ts';
import { Distribution, type Series } from './distribution.ts';
import type { Answer, ProblemCode } from './problems.ts';

/** Bounds of the time to an answer: from a look into memory to a long poll. Seconds. */
const answerSeconds = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10, 30, 60],
];

/** A node that cannot say within this whether it is ready is not. Milliseconds. */
const readyMs = 1_000;

/** What counts as answered by no operation: documents, and paths that nothing is at. */
const noOperation = 'none';

/** The answers of one operation: plain numbers, that cost little until somebody asks for them. */
interface Answered {
  readonly statuses: Map<number, number>;
  readonly duration: Series;
}

/**
 * The metrics of one node, in a registry of their own: a process may have several nodes. Whoever
 * has more to measure registers it there.
 */
export class NodeMetrics {
  readonly registry = new Registry();
  /** What is measured of the work that this process does at the moment, if it is not always. */
  work: Registry | undefined;
  readonly #durations: Distribution;
  readonly #operations = new Map<string, Answered>();
  readonly #refusals: Counter<'code'>;
  readonly #ready: Gauge;

  constructor() {
    const registers = [this.registry];
    this.#durations = new Distribution({
      name: 'unanimous_http_request_duration_seconds',
      help: 'From a request to the end of its answer, by operation.',
      labelNames: ['operation'],
      buckets: answerSeconds,
      registers,
    });
    const operations = this.#operations;
    new Counter({
      name: 'unanimous_http_requests_total',
      help: 'Requests that were answered, by operation and status.',
      labelNames: ['operation', 'status'],
      registers,
      collect() {
        this.reset();
        for (const [operation, { statuses }] of operations) {
          for (const [status, count] of statuses) this.inc({ operation, status }, count);
        }
      },
    });
    this.#refusals = new Counter({
      name: 'unanimous_http_refusals_total',
      help: 'Answers 429 and 503, by the code of their problem.',
      labelNames: ['code'],
      registers,
    });
    this.#ready = new Gauge({
      name: 'unanimous_ready',
      help: '1 while /health/ready answers 200.',
      registers,
    });
  }

  /**
   * Measures the process as well, its event loop, garbage collection, memory and CPU, and tells
   * what runs in it: once in a process.
   */
  watchProcess(role: NodeRole, nodeVersion: string): void {
    const { version } = loadContract(role).document['info'] as { version: string };
    const labels = { version, role, node_version: nodeVersion };
    new Gauge({
      name: 'unanimous_build_info',
      help: '1; its labels say what runs here.',
      labelNames: Object.keys(labels),
      registers: [this.registry],
    }).set(labels, 1);
    collectDefaultMetrics({ register: this.registry });
  }

  /** A request was answered. @param operationId undefined: by no operation */
  answered(operationId: string | undefined, status: number, ms: number): void {
    const operation = operationId ?? noOperation;
    let answers = this.#operations.get(operation);
    if (!answers) {
      answers = { statuses: new Map(), duration: this.#durations.series({ operation }) };
      this.#operations.set(operation, answers);
    }
    const { statuses, duration } = answers;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    duration.observe(ms / 1_000);
  }

  /** A request was refused for now, as there is no room or the node is not ready. */
  refused(code: ProblemCode): void {
    this.#refusals.inc({ code });
  }

  /** What `/metrics` answers. @param checkReady what `/health/ready` answers */
  async answer(
    checkReady: (request: FastifyRequest) => Promise<Answer>,
    request: FastifyRequest,
  ): Promise<Answer> {
    this.#ready.set((await within(readyMs, checkReady(request))) === 200 ? 1 : 0);
    const { contentType } = this.registry;
    const own = await this.registry.metrics();
    const body = this.work ? `${own}${await this.work.metrics()}` : own;
    return { status: 200, body, mediaType: contentType };
  }
}

/** The status of an answer, or undefined if it takes longer than `ms` milliseconds. */
function within(ms: number, answer: Promise<Answer>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, undefined);
    answer
      .finally(() => {
        clearTimeout(timer);
      })
      .then(({ status }) => {
        resolve(status);
      }, reject);
  });
}
