import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many are closed at once, and when the next. Milliseconds. */
const closing = { atOnce: 10, everyMs: 10 };

/**
 * Connections on which nothing was said in time. They are closed without an answer, as nobody has
 * asked, and a few at a time: thousands at once would hold up everybody else, and cost little
 * while they wait.
 */
export class SilentConnections {
  readonly #due = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;

  close(socket: Socket): void {
    this.#due.add(socket);
    this.#timer ??= setInterval(() => {
      this.#closeSome();
    }, closing.everyMs).unref();
  }

  #closeSome(): void {
    let left = closing.atOnce;
    for (const socket of this.#due) {
      if (left === 0) return;
      this.#due.delete(socket);
      if (socket.destroyed || isHeard(socket)) continue;
      left -= 1;
      socket.destroy();
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** A request has come meanwhile. Bytes that are none yet would otherwise hold a place for long. */
function isHeard(socket: Socket): boolean {
  const { _httpMessage: message } = socket as Socket & { _httpMessage?: ServerResponse | null };
  return Boolean(message) || socket.bytesWritten > 0;
}
