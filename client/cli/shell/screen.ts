/** Where lines are typed and answers are read: a terminal, or a pipe. */
import {
  clearScreenDown,
  createInterface,
  cursorTo,
  moveCursor,
  type Interface,
} from 'node:readline';
import { CommandError, type Io } from '../io.ts';
import type { Completions } from './completion.ts';
import { mostLines, type History } from './history.ts';

export interface Screen extends Pick<Io, 'out' | 'err'> {
  /** Every line that is typed, until the end; to be read once. */
  readonly lines: AsyncIterable<string>;
  /** Takes no more lines, and gives the terminal back. */
  close(): void;
}

/** What a terminal is for. */
export interface Typing {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly history: History;
  readonly complete: (line: string) => Completions;
  /** Ctrl-C on an empty line: true if it has ended something. */
  readonly interrupt: () => boolean;
}

/** Lines as a script sends them: no prompt, no history. */
export function openPipe(input: NodeJS.ReadableStream, io: Io): Screen {
  const reader = createInterface({ input, crlfDelay: Infinity });
  return {
    lines: linesOf(reader),
    close: () => {
      reader.close();
    },
    out: (line, look) => {
      io.out(line, look);
    },
    err: (line, look) => {
      io.err(line, look);
    },
  };
}

/** A prompt; what is printed meanwhile goes above the line that is being typed. */
export function openTerminal(io: Io, typing: Typing): Screen {
  const { input, output, history } = typing;
  const reader = createInterface({
    input,
    output,
    terminal: true,
    prompt: 'unanimous> ',
    history: [...history.lines],
    historySize: mostLines,
    removeHistoryDuplicates: true,
    completer: typing.complete,
  });
  const close = () => {
    reader.close();
  };
  // When the terminal goes away, a half-typed line is not one that was sent: readline thinks it is.
  input.prependOnceListener('end', close);
  let open = true;
  reader.once('close', () => {
    open = false;
    erase(reader, output);
  });
  const above = (print: () => void) => {
    if (!open) {
      print();
      return;
    }
    erase(reader, output, print);
    reader.prompt(true);
  };
  const screen: Screen = {
    lines: linesOf(reader),
    close,
    out: (line, look) => {
      above(() => {
        io.out(line, look);
      });
    },
    err: (line, look) => {
      above(() => {
        io.err(line, look);
      });
    },
  };
  reader.on('line', (line) => {
    history.add(line);
    if (open) reader.prompt();
  });
  onInterrupt(reader, screen, typing);
  reader.prompt();
  return screen;
}

/**
 * Clears the line that is being typed from the screen, and prints something in its place. The
 * redrawing that follows begins as many rows above the cursor as it was below the line's first.
 */
function erase(reader: Interface, output: NodeJS.WritableStream, print?: () => void): void {
  const { rows } = reader.getCursorPos();
  moveCursor(output, 0, -rows);
  cursorTo(output, 0);
  clearScreenDown(output);
  print?.();
  output.write('\n'.repeat(rows));
}

/** Ctrl-C clears the line; on an empty line it ends what is waited for, and a second one leaves. */
function onInterrupt(reader: Interface, screen: Screen, typing: Typing): void {
  const { output, interrupt } = typing;
  let once = false;
  reader.on('line', () => (once = false));
  reader.on('SIGINT', () => {
    if (reader.line !== '') {
      erase(reader, output);
      reader.write(null, { ctrl: true, name: 'e' });
      reader.write(null, { ctrl: true, name: 'u' });
    } else if (interrupt()) {
      return;
    } else if (once) {
      screen.close();
    } else {
      screen.err('Ctrl-C once more leaves, as do Ctrl-D and exit');
    }
    once = true;
  });
}

/** The listening begins at once: nothing that is typed before the first is read is lost. */
function linesOf(reader: Interface): AsyncIterable<string> {
  const lines = reader[Symbol.asyncIterator]();
  return (async function* () {
    try {
      yield* lines;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new CommandError(1, `cannot read what is typed: ${error.message}`);
    }
  })();
}
