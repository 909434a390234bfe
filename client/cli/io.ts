/** What the commands know of the process around them; tests bring their own. */
import { isatty } from 'node:tty';
import { styleText } from 'node:util';

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

/** How a line looks on a terminal that shows colours; elsewhere it is plain. */
export type Look = 'plain' | 'title' | 'good' | 'bad';

export interface Io {
  readonly env: Record<string, string | undefined>;
  /** Data, a line. */
  out(line: string, look?: Look): void;
  /** What people want to know beside it, a line. */
  err(line: string, look?: Look): void;
  /** What goes on, in a line that the next one replaces; only a terminal shows it. */
  progress(line: string): void;
  /** Columns of the terminal that shows the data; where there is none, of a usual one. */
  readonly width: number;
  /** Nobody reads the data any more: `unanimous transfers | head` has ended. */
  isOutClosed(): boolean;
  /** Where lines are typed, and the terminal to type at if there is one. */
  typed(): { input: NodeJS.ReadableStream; terminal: NodeJS.WritableStream | undefined };
  /** Tells the process that has started this one; false if none listens. */
  tellParent(message: object): boolean;
  /**
   * Resolves when this process is asked to stop, or when its parent is gone. Unless told, a
   * terminal that goes away asks for it, too.
   * @param reload is called at a SIGHUP instead, unless a terminal has gone away by it
   */
  untilStopped(signals?: readonly NodeJS.Signals[], reload?: () => void): Promise<void>;
  /** Exits, with code 1, if the process is still there after `ms` milliseconds. */
  exitAfter(ms: number): void;
  exit(code: number): void;
}

/** Control characters, and those that turn the direction of what is written beside them. */
const steering = /[^\P{Cc}\n]|[\p{Bidi_Control}\u2028\u2029]/gu;

/** Text from elsewhere must not steer the terminal: what could is shown as a sign. */
export const printable = (text: string) => text.replace(steering, '\uFFFD');

/** One line of JSON in which nothing can steer the terminal, and nothing is lost. */
export function jsonLine(value: object): string {
  return JSON.stringify(value).replace(
    steering,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Columns. */
const usualWidth = 120;

const styles = { title: 'bold', good: 'green', bad: 'red' } as const;

/** The process this runs in. */
export function systemIo(): Io {
  let outClosed = false;
  // `unanimous transfers | head` ends our output, not our work; so does a terminal that goes away.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && !(error.code === 'EIO' && stream.isTTY)) throw error;
      outClosed ||= stream === process.stdout;
    });
  }
  const write = (stream: NodeJS.WriteStream, line: string, look: Look = 'plain') => {
    const shown = printable(line);
    // Plain without a terminal, or with NO_COLOR.
    const styled = look === 'plain' ? shown : styleText(styles[look], shown, { stream });
    stream.write(`${styled}\n`);
  };
  return {
    env: process.env,
    // Known of a terminal only.
    width: process.stdout.columns || usualWidth,
    out: (line, look) => {
      write(process.stdout, line, look);
    },
    err: (line, look) => {
      write(process.stderr, line, look);
    },
    progress(line) {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${printable(line)}`);
    },
    isOutClosed: () => outClosed,
    typed() {
      const { stdin: input, stdout, env } = process;
      // A dumb terminal cannot put an answer above the line that is being typed.
      const terminal = input.isTTY && stdout.isTTY && env['TERM'] !== 'dumb' ? stdout : undefined;
      return { input, terminal };
    },
    tellParent(message) {
      // Without a callback, a parent that dies in this moment would be an uncaught error.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
      return process.connected;
    },
    untilStopped(signals = ['SIGINT', 'SIGTERM', 'SIGHUP'], reload) {
      const terminals = [0, 1, 2].filter(isatty);
      return new Promise((resolve) => {
        const stop = () => {
          resolve();
        };
        const hangUp = () => {
          if (reload && terminals.every(isatty)) reload();
          else stop();
        };
        for (const signal of signals) process.on(signal, signal === 'SIGHUP' ? hangUp : stop);
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
