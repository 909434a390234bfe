import { randomUUID } from 'node:crypto';
import type {
  IncomingMessage,
  RequestListener,
  ServerOptions as HttpOptions,
  ServerResponse,
} from 'node:http';
import { Readable } from 'node:stream';
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type preValidationHookHandler,
  type RouteOptions,
} from 'fastify';
import { cutWhenRefused, type Access } from './access.ts';
import { builtConsole, serveConsole } from './console.ts';
import { loadContract, type Operation, type ServerRole } from './contract.ts';
import { refuseCrossSite } from './cross-site.ts';
import { serveDocs } from './docs.ts';
import type { OwnExamples } from './examples.ts';
import { expectedFailure, refuseConnection } from './failures.ts';
import { gateOf, type Gates } from './gates.ts';
import { hostGuard } from './hosts.ts';
import { noPrototypes, readJsonOnly } from './json-body.ts';
import type { HttpLimits } from './limits.ts';
import { NodeMetrics } from './metrics.ts';
import { notLeading, wasPassedOn } from './passed-on.ts';
import { watchPressure, type PressureLimits } from './pressure.ts';
import { isProblemCode, problem, problems, type Answer, type ProblemCode } from './problems.ts';
import { openLimiter, type RateLimits } from './rate-limits.ts';
import { RefusalLog } from './refusal-log.ts';
import { securityHeaders } from './security-headers.ts';
import { SilentConnections } from './silent-connections.ts';
import type { Tls } from './tls.ts';
import { createTlsServer } from './tls-server.ts';
import { requestValidator } from './validator.ts';

/** What answers one operation. It is called with a valid request only, after authentication. */
export interface Handler {
  (request: FastifyRequest): Promise<Answer>;
  /** Refuses a request by its headers: its body, which may cost more than that, is not read. */
  readonly gate?: (request: FastifyRequest) => Answer | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of the contract; documents have none. */
    operationId?: string;
  }
}

export interface ServerOptions extends Access {
  role: ServerRole;
  /**
   * One for each operation of the role but `checkLive`, `getProblem` and `getMetrics`, which are
   * the same.
   */
  handlers: Record<string, Handler>;
  limits: HttpLimits;
  /** Absent or null: the node speaks http. */
  tls?: Tls | null;
  /** By what names the node is called, besides its addresses and `localhost`. */
  hosts?: readonly string[];
  /** How many requests are taken; any number if absent. */
  rates?: RateLimits;
  /** Under which pressure clients are refused; under none if absent. */
  pressure?: PressureLimits;
  logger: FastifyBaseLogger | false;
  /** Where requests are counted, and what `getMetrics` shows; of its own unless told. */
  metrics?: NodeMetrics;
  /**
   * Values for the examples of the document, so that they can be tried out as they are. They name
   * accounts and transfers, and the document needs no key: so they are asked for only on a node
   * whose clients need none either. Elsewhere, and by default, the contract's examples stay.
   */
  examples?: () => Promise<OwnExamples>;
  /** Answers, as it likes, requests for paths that nothing here is at; absent: 404. */
  elsewhere?: (request: IncomingMessage, response: ServerResponse) => void;
}

const noExamples = () => Promise.resolve({});

/** Where pages and documents are, of which no operation is told; the console watches all nodes. */
const documents: Readonly<Record<ServerRole, readonly string[]>> = {
  coordinator: ['/openapi.json', '/docs', '/console', '/console/', '/console/about.json'],
  participant: ['/openapi.json', '/docs'],
  lab: ['/openapi.json', '/docs', '/console', '/console/', '/console/about.json'],
};

/** The decorator that counts refusals. */
const countRefusal = 'countRefusal';

/**
 * The server of one node, ready to `listen` or `inject`: its part of the contract, documents,
 * authentication, validation and errors.
 * @throws {Error} when the handlers are not exactly those of the contract
 */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const contract = loadContract(options.role);
  const { metrics = new NodeMetrics(), keys, loopback, examples = noExamples } = options;
  const { checkReady = checkLive } = options.handlers;
  const getMetrics: Handler = (request) => metrics.answer(checkReady, request);
  const common = Object.entries({ checkLive, getProblem, getMetrics });
  const handlers: Record<string, Handler> = {
    ...options.handlers,
    ...Object.fromEntries(common.filter(([name]) => contract.operations.has(name))),
  };
  const unknown = Object.keys(handlers).filter((name) => !contract.operations.has(name));
  if (unknown.length > 0) throw new Error(`no operation for handlers ${unknown.join(', ')}`);
  const headers = await securityHeaders();
  const app = createApp(options, headers);
  const { hosts = [], rates, pressure, tls, elsewhere } = options;
  const refuseHost = hostGuard(hosts, loopback);
  const sendNotFound = (request: FastifyRequest, reply: FastifyReply) => {
    const answer = notFound(request, contract.operations, documents[options.role]);
    if (answer.status === 404 && elsewhere) elsewhere(request.raw, reply.hijack().raw);
    else send(reply, answer);
  };
  const stopping = { now: false };
  app.addHook('preClose', (done) => {
    stopping.now = true;
    done();
  });
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('request-id', request.id);
    const misled = refuseHost(request) ?? refuseCrossSite(request);
    if (stopping.now) {
      if (wasPassedOn(request)) reply.header(notLeading, 'nothing-begun');
      send(reply.header('connection', 'close'), problem('shutting-down'));
    } else if (misled) send(reply, misled);
    // Before the body is read: what is wrong with it does not matter where nothing is.
    else if (request.is404) sendNotFound(request, reply);
    else done();
  });
  app.decorate(countRefusal, (code: ProblemCode) => {
    metrics.refused(code);
  });
  app.addHook('onResponse', ({ routeOptions: { config } }, reply, done) => {
    metrics.answered(config.operationId, reply.statusCode, reply.elapsedTime);
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Else the connection would stay open, idle, and the server would wait for its end.
    if (stopping.now) reply.header('connection', 'close');
    done(null, payload);
  });
  app.setErrorHandler((error, request, reply) => sendFailure(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    sendNotFound(request, reply);
  });
  readJsonOnly(app);
  const gates: Gates = {
    tls,
    refusals: new RefusalLog(app.log),
    limiter: rates && (await openLimiter(app, rates)),
    underPressure: pressure && (await watchPressure(app, pressure)),
  };
  await serveDocs(app, contract.document, keys === null || loopback ? examples : noExamples);
  if (options.role !== 'participant') {
    await serveConsole(app, builtConsole(), options.role === 'lab');
  }
  for (const [operationId, operation] of contract.operations) {
    const handler = handlers[operationId];
    if (!handler) throw new Error(`no handler for operation ${operationId}`);
    app.route(routeOf(operation, handler, options, gates));
  }
  await app.ready();
  return app;
}

function createApp(
  { limits, logger, tls }: ServerOptions,
  headers: Readonly<Record<string, string>>,
): FastifyInstance {
  const http: HttpOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.requestTimeoutMs,
    // Often: few are late at once.
    connectionsCheckingInterval: 100,
    // Node's own refusal has no body; hosts.ts says what is missing.
    requireHostHeader: false,
  };
  const app: FastifyInstance = fastify({
    ...(logger ? { loggerInstance: logger } : { logger: false }),
    // What this file logs names its request: no logger is made for each of them.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.connectionTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http,
    ...(tls && {
      serverFactory: (listener: RequestListener) => createTlsServer(tls, limits, http, listener),
    }),
    routerOptions: { maxParamLength: limits.maxParamLength },
    onProtoPoisoning: noPrototypes,
    onConstructorPoisoning: noPrototypes,
    requestIdHeader: false,
    genReqId: requestId,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      reply.headers(headers).header('request-id', request.id);
      sendFailure(error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      refuseConnection(error, socket, headers);
    },
  });
  app.server.maxConnections = limits.maxConnections;
  const silent = new SilentConnections(limits.requestTimeoutMs);
  silent.guard(app.server, tls ? 'secureConnection' : 'connection');
  app.setValidatorCompiler(requestValidator());
  return app;
}

/** The caller's `Request-Id` if it is usable in a header and a log, else a new one. */
function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['request-id'];
  return typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

function routeOf(
  operation: Operation,
  handler: Handler,
  access: Access,
  gates: Gates,
): RouteOptions {
  const refuse = gateOf(operation, handler.gate, access, gates);
  return {
    method: operation.method,
    url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
    schema: operation.schemas,
    config: { operationId: operation.operationId },
    // Before the body is read: whoever has no key cannot make the node parse anything.
    onRequest: (request, reply, done) => {
      const refused = refuse(request, reply);
      const go = (answer: Answer | undefined) => {
        if (answer) send(reply, answer);
        else done();
      };
      if (refused instanceof Promise) refused.then(go, done);
      else go(refused);
    },
    ...(operation.optionalBody && { preValidation: emptyBody }),
    handler: async (request, reply) => {
      const answer = await handler(request);
      if (answer.body instanceof Readable) cutWhenRefused(answer.body, request, operation, access);
      return send(reply, answer);
    },
  };
}

const emptyBody: preValidationHookHandler = (request, _reply, done) => {
  request.body ??= {};
  done();
};

/** Sends an answer; an error gets its media type and the request's id. */
function send(reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, body, headers = {}, mediaType } = answer;
  if (body instanceof Readable) return sendEvents(reply.code(status).headers(headers), body);
  if (mediaType !== undefined) {
    return reply.code(status).headers(headers).type(mediaType).send(body);
  }
  if (status === 429 || status === 503) {
    const { code } = body as { code: ProblemCode };
    reply.server.getDecorator<(code: ProblemCode) => void>(countRefusal)(code);
  }
  const failed = status >= 400;
  const content = failed ? { ...(body as object), requestId: reply.request.id } : body;
  const type = failed ? 'application/problem+json' : 'application/json; charset=utf-8';
  return reply.code(status).headers(headers).type(type).send(JSON.stringify(content));
}

/** No proxy may keep events back, and nobody may keep them for later. */
function sendEvents(reply: FastifyReply, events: Readable): FastifyReply {
  reply.type('text/event-stream').header('cache-control', 'no-store');
  reply.header('x-accel-buffering', 'no');
  if (reply.request.method !== 'HEAD') return reply.send(events);
  events.destroy();
  return reply.send();
}

function sendFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const expected = expectedFailure(error);
  if (expected) return send(reply, expected);
  request.log.error({ err: error, requestId: request.id }, 'a request failed unexpectedly');
  return send(reply, problem('internal-error', { detail: 'see the log of this node' }));
}

/** 405 with `Allow` where the path exists for other methods, else 404. */
function notFound(
  { method, url }: FastifyRequest,
  operations: ReadonlyMap<string, Operation>,
  pages: readonly string[],
): Answer {
  const path = url.split('?', 1).join();
  const allowed = [...operations.values()]
    .filter((operation) => matches(operation.path, path))
    .flatMap((operation) => (operation.method === 'GET' ? ['GET', 'HEAD'] : [operation.method]));
  if (pages.includes(path)) allowed.push('GET', 'HEAD');
  if (allowed.length === 0)
    return problem('not-found', { detail: `nothing is at ${path.slice(0, 100)}` });
  const allow = allowed.join(', ');
  const answer = problem('method-not-allowed', { detail: `${method} is not among ${allow}` });
  return { ...answer, headers: { ...answer.headers, allow } };
}

function matches(template: string, path: string): boolean {
  const [expected, actual] = [template.split('/'), path.split('/')];
  if (expected.length !== actual.length) return false;
  return expected.every((part, at) => part === actual[at] || (part.startsWith('{') && actual[at]));
}

const checkLive: Handler = () => Promise.resolve({ status: 200, body: { status: 'live' } });

const getProblem: Handler = (request) => {
  const { code } = request.params as { code: string };
  if (!isProblemCode(code)) {
    return Promise.resolve(problem('not-found', { detail: `no problem has the code ${code}` }));
  }
  const { title, status, definite, retryable, description } = problems[code];
  const type = `/problems/${code}`;
  const body = { type, title, status, code, definite, retryable, description };
  return Promise.resolve({ status: 200, body });
};
