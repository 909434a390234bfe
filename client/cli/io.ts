/** What the commands know of the process around them; tests bring their own. */

/** A command that ends with one sentence and an exit code, and no stack trace. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  /** 1 it did not happen, 2 wrong usage, 3 not known yet. */
  readonly exitCode: 1 | 2 | 3;

  constructor(exitCode: 1 | 2 | 3, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Io {
  readonly env: Record<string, string | undefined>;
  /** Data, a line. */
  out(line: string): void;
  /** What people want to know beside it, a line. */
  err(line: string): void;
  /** Tells the process that has started this one; false if none listens. */
  tellParent(message: object): boolean;
  /** Resolves when this process is asked to stop, or when its parent is gone. */
  untilStopped(): Promise<void>;
  /** Exits, with code 1, if the process is still there after `ms` milliseconds. */
  exitAfter(ms: number): void;
  exit(code: number): void;
}

/** Text from elsewhere must not steer the terminal: control characters are shown as a sign. */
const printable = (text: string) => text.replace(/[^\P{Cc}\n]/gu, '\uFFFD');

/** The process this runs in. */
export function systemIo(): Io {
  // `unanimous transfers | head` ends our output, not our work.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    env: process.env,
    out: (line) => void process.stdout.write(`${printable(line)}\n`),
    err: (line) => void process.stderr.write(`${printable(line)}\n`),
    tellParent(message) {
      // Without a callback, a parent that dies in this moment would be an uncaught error.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
      return process.connected;
    },
    untilStopped() {
      return new Promise((resolve) => {
        const stop = () => {
          resolve();
        };
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
        if (process.connected) process.once('disconnect', stop);
        else if (process.send) stop();
        // Listening for it must not keep a process alive that has nothing else to do.
        process.channel?.unref();
      });
    },
    exitAfter(ms) {
      setTimeout(() => {
        process.stderr.write(
          `did not stop within ${ms} ms; what is left is recovered at a start\n`,
        );
        process.exit(1);
      }, ms).unref();
    },
    exit: (code) => process.exit(code),
  };
}
