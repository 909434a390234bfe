import {
  createServer,
  request,
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Fault } from './faults.ts';

/** A message on its way to the node behind a proxy. */
export interface Message {
  readonly path: string;
  /** Brings it to the node and gives its reply; each call brings it once more. */
  readonly forward: () => Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const limits = {
  /** How long a node may say nothing to what was brought to it. Milliseconds. */
  silenceMs: 60_000,
  /** The longest message or reply that is held here: no node takes or gives a longer one. Bytes. */
  heldBytes: 64 * 1024 * 1024,
  /** Kinds of messages that are counted. */
  kinds: 1_000,
};

/** An HTTP proxy before one node: whoever sends to its address reaches the node, or a fault. */
export class Proxy {
  /** The one it listens at. */
  port = 0;
  /** Where the node listens; until that is known, nothing reaches it. */
  target = '';
  /** Of several that take a message, the first happens to it. */
  readonly faults: Fault[] = [];
  readonly #seen = new Map<string, number>();
  readonly #underWay = new Set<ServerResponse>();
  readonly #agent: Agent | false;
  #server: Server | undefined;

  /**
   * @param agent keeps the connections to the node. Without it each message has its own: one that
   *   was kept could be stale when a node has died, and a message would be lost by no fault
   */
  constructor(agent: Agent | false = false) {
    this.#agent = agent;
  }

  /** Listens at a free port, another one at each call. */
  async listen(): Promise<void> {
    const before = this.#server;
    const server = createServer((incoming, outgoing) => {
      this.pass(incoming, outgoing);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    this.#server = server;
    const bound = server.address();
    if (typeof bound !== 'object' || bound === null) throw new Error('a server has an address');
    this.port = bound.port;
    before?.closeAllConnections();
    before?.close();
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** How many messages of a kind, the first part of their paths (`/prepare`), have come by. */
  count(kind: string): number {
    return this.#seen.get(kind) ?? 0;
  }

  /** Breaks every connection by which something is under way here, streams too. */
  sever(): void {
    for (const outgoing of this.#underWay) outgoing.destroy();
  }

  /** Brings a message to the node, and its reply back; whatever fails breaks the connection. */
  pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#underWay.add(outgoing);
    outgoing.once('close', () => this.#underWay.delete(outgoing));
    this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const sent = await readAll(incoming);
    const path = incoming.url ?? '/';
    const kind = /^\/\w*/.exec(path)?.[0] ?? '/';
    if (this.#seen.has(kind) || this.#seen.size < limits.kinds) {
      this.#seen.set(kind, this.count(kind) + 1);
    }
    const fault = this.faults.find((one) => one.takes(path));
    if (!fault) {
      // As it comes: it may be a stream without an end.
      const reply = await this.#bring(incoming, sent);
      outgoing.writeHead(reply.statusCode ?? 502, endToEnd(reply.headers));
      await pipeline(reply, outgoing);
      return;
    }
    const forward = async () => {
      const reply = await this.#bring(incoming, sent);
      const { statusCode: status = 502, headers } = reply;
      return { status, headers, body: await readAll(reply) };
    };
    const reply = await fault.happen({ path, forward });
    if (reply) outgoing.writeHead(reply.status, endToEnd(reply.headers)).end(reply.body);
    // Whoever has sent it hears at once that it is lost, and need not wait for its own limit.
    else outgoing.destroy();
  }

  #bring({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      // What a path says of another host leads nowhere else.
      const onward = request(this.target, {
        method,
        path: url,
        headers: endToEnd(headers),
        agent: this.#agent,
      });
      onward.setTimeout(limits.silenceMs, () => onward.destroy());
      onward.on('error', reject);
      onward.on('response', resolve);
      onward.end(body);
    });
  }
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    if (!(chunk instanceof Buffer)) continue;
    bytes += chunk.byteLength;
    if (bytes > limits.heldBytes) throw new Error(`more than ${limits.heldBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Headers but for those that are about one connection. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection, host, 'keep-alive': kept, 'transfer-encoding': coding, ...rest } = headers;
  return rest;
}
