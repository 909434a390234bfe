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
      left -= 1;
      this.#due.delete(socket);
      // Else its client has begun to speak meanwhile, and is heard.
      if (socket.bytesRead === 0) socket.destroy();
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
