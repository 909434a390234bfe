/** How requests reach the operations of a node: directly, or through its real server. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { loadContract, type Contract, type NodeRole } from '../../http/contract.ts';
import { KeyRing } from '../../http/key-ring.ts';
import { makeKeys, type Keys } from '../../http/keys.ts';
import { defaultHttpLimits } from '../../http/limits.ts';
import { buildServer, type Handler } from '../../http/server.ts';
import type { Reply, Sent } from './network.ts';

export type Handlers = Record<string, Handler>;

export interface Entrance {
  readonly keys: Keys;
  call(name: string, role: NodeRole, handlers: Handlers, request: Sent): Promise<Reply>;
  /** Whether something is between the network and an operation: it goes on without time. */
  readonly isBusy: boolean;
}

export const contracts: Record<NodeRole, Contract> = {
  coordinator: loadContract('coordinator'),
  participant: loadContract('participant'),
};

const numbers = new Set(['timestamp', 'at', 'timeoutMs', 'limit']);

/** Below the routes: the request is taken as valid, and the operation is called. */
export function directEntrance(): Entrance {
  const routers = {
    coordinator: routerOf(contracts.coordinator),
    participant: routerOf(contracts.participant),
  };
  return {
    keys: makeKeys(),
    isBusy: false,
    async call(_name, role, handlers, { method, url, body, headers = {} }) {
      const { pathname, searchParams } = new URL(url);
      if (pathname === '/health/live') return { status: 200, body: { status: 'live' } };
      const { operationId, params } = routers[role](method, pathname);
      const query = Object.fromEntries(
        [...searchParams].map(([name, value]) => [name, numbers.has(name) ? Number(value) : value]),
      );
      const handler = handlers[operationId];
      if (!handler) throw new Error(`${operationId} has no handler`);
      const raw = { socket: { remoteAddress: '127.0.0.1' } };
      const request: object = { params, query, body, headers, raw };
      const answer = await handler(request as FastifyRequest);
      return { status: answer.status, body: answer.body };
    },
  };
}

function routerOf({ operations }: Contract) {
  const routes = [...operations.values()].map(({ operationId, method, path }) => {
    const pattern = new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    return { operationId, method, pattern };
  });
  return (method: string, path: string) => {
    for (const { operationId, method: its, pattern } of routes) {
      const found = its === method ? pattern.exec(path) : null;
      if (found) return { operationId, params: { ...found.groups } };
    }
    throw new Error(`no operation for ${method} ${path}`);
  };
}

/** Through the routes: a server for each node, which is made once and serves every run of it. */
export async function serverEntrance(
  nodes: readonly { readonly name: string; readonly role: NodeRole }[],
): Promise<Entrance & { close(): Promise<void> }> {
  const keys = makeKeys();
  const current = new Map<string, Handlers>();
  const apps = new Map<string, FastifyInstance>();
  let between = 0;
  for (const { name, role } of nodes) {
    const own = [...contracts[role].operations.keys()].filter(
      (id) => id !== 'checkLive' && id !== 'getProblem',
    );
    const handlers = Object.fromEntries(
      own.map((id): [string, Handler] => [
        id,
        async (request) => {
          const handler = current.get(name)?.[id];
          if (!handler) throw new Error(`${id} has no handler`);
          between -= 1;
          try {
            return await handler(request);
          } finally {
            between += 1;
          }
        },
      ]),
    );
    const app = await buildServer({
      role,
      handlers,
      keys: new KeyRing(keys),
      loopback: true,
      limits: defaultHttpLimits,
      logger: false,
    });
    apps.set(name, app);
  }
  return {
    keys,
    get isBusy() {
      return between > 0;
    },
    async call(name, _role, handlers, { method, url, body, keys: [key] = [], headers = {} }) {
      const app = apps.get(name);
      if (!app) throw new Error(`${name} has no server`);
      const { pathname, search } = new URL(url);
      current.set(name, handlers);
      between += 1;
      try {
        const reply = await app.inject({
          method,
          url: pathname + search,
          headers: {
            'request-id': name,
            ...headers,
            ...(key !== undefined && { authorization: `Bearer ${key}` }),
          },
          ...(body === undefined ? {} : { payload: body as object }),
        });
        return { status: reply.statusCode, body: reply.json<unknown>() };
      } finally {
        between -= 1;
      }
    },
    async close() {
      await Promise.all([...apps.values()].map((app) => app.close()));
    },
  };
}
