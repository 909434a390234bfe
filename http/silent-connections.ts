import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How often who is silent for too long is looked for. Milliseconds. */
const everyMs = 10;

/**
 * Connections on which nothing was said yet. The server takes each with its first bytes: until
 * then it costs no parser, which is most of the memory of a connection. Those that say nothing in
 * time are closed without an answer, as nobody has asked, and a few at a time: thousands at once
 * would hold up everybody else, and cost little while they wait.
 */
export class SilentConnections {
  /** When each began, in milliseconds of `performance.now`, the oldest first. */
  readonly #since = new Map<Socket, number>();
  /** How long they may be silent, in milliseconds, and how many are closed in one look. */
  #patience: { ms: number; atOnce: number };
  #timer: NodeJS.Timeout | undefined;

  /** @param ms how long a connection may be silent, in milliseconds */
  constructor(ms: number) {
    this.#patience = { ms, atOnce: 10 };
  }

  /** Stands between a server and its new connections; with TLS, those that have shaken hands. */
  guard(server: Server, event: 'connection' | 'secureConnection'): void {
    const listeners = server.listeners(event);
    const leave = (socket: Socket) => {
      this.#since.delete(socket);
      socket.off('readable', speak).off('close', close).off('error', ignore);
    };
    // One function for all of them: there may be many.
    function speak(this: Socket) {
      leave(this);
      for (const listener of listeners) listener.call(server, this);
    }
    function close(this: Socket) {
      leave(this);
    }
    server.removeAllListeners(event);
    server.on(event, (socket: Socket) => {
      socket.on('readable', speak).on('close', close).on('error', ignore);
      this.#since.set(socket, performance.now());
      this.#timer ??= setInterval(() => {
        this.#closeSome();
      }, everyMs).unref();
    });
    this.#closeWith(server);
  }

  /** What closes connections of the server that are idle, or all, closes these, too. */
  #closeWith(server: Server): void {
    const closeIdle = server.closeIdleConnections.bind(server);
    const closeAll = server.closeAllConnections.bind(server);
    server.closeIdleConnections = () => {
      // The server stops. A request may be on its way, and can be told that it comes too late.
      this.#patience = { ms: 500, atOnce: Infinity };
      closeIdle();
    };
    server.closeAllConnections = () => {
      for (const socket of this.#since.keys()) socket.destroy();
      closeAll();
    };
  }

  #closeSome(): void {
    let left = this.#patience.atOnce;
    const begun = performance.now() - this.#patience.ms;
    for (const [socket, since] of this.#since) {
      if (since > begun || left === 0) return;
      left -= 1;
      socket.destroy();
    }
    if (this.#since.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** It is closed next. */
const ignore = () => undefined;
