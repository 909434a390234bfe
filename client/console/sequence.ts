/** What is drawn of a transfer: a column for each node, a row for each thing that happened. */
import { ms } from './durations.ts';
import { keyOf } from './seen.ts';
import type { Branch, Timeline, TimelineStep } from '../sdk/index.ts';
import { isQuestion, labelOf, lookOf, sentenceOf, type Look } from './step-words.ts';

/**
 * How a row is drawn. `message`: an arrow; `open`: one that has had no answer yet; `lost`: one that
 * had none that counts; `forced`: a record that was forced to disk; `noted`: any other moment.
 */
export type Shape = 'message' | 'open' | 'lost' | 'forced' | 'noted';

/** One thing that happened. */
export interface Row {
  /** The same for the same thing, however the rows around it change. */
  readonly key: string;
  /** When, after the transfer began; `≈`: by the clock of another node; empty: not known. */
  readonly time: string;
  readonly shape: Shape;
  readonly look: Look;
  /** Columns. Of a message `to` is another one, of anything else the same. */
  readonly from: number;
  readonly to: number;
  /** What it is, in a word or two. */
  readonly label: string;
  /** The same in a sentence, with all that is known. */
  readonly text: string;
}

/** While a participant has promised, and does not know the outcome. */
export interface Doubt {
  readonly column: number;
  readonly fromRow: number;
  /** Undefined while it lasts. */
  readonly toRow: number | undefined;
}

/** A whole diagram. */
export interface Sequence {
  /** What stands above each column; the client is the first. */
  readonly lifelines: readonly string[];
  readonly rows: readonly Row[];
  readonly doubts: readonly Doubt[];
}

/** What participants have said themselves about their parts, by name. */
export type Branches = ReadonlyMap<string, Branch>;

interface Placed extends Row {
  /** Its place among the others, in milliseconds after the transfer began. */
  readonly order: number;
  /** Whether its node is in doubt from here on, or not any more. */
  readonly doubt?: boolean;
}

/** Before or after what has the same time: times are told to a hundredth. Milliseconds. */
const moment = 0.001;

/** The longest label that has room between two lifelines. Letters. */
const mostLetters = 22;

/** Lays out a transfer, as far as its timeline and the participants tell. */
export function layOut(timeline: Timeline, branches: Branches = new Map()): Sequence {
  const lifelines = ['client', ...timeline.nodes];
  const columns = new Map(lifelines.map((name, column) => [name, column]));
  const columnOf = (name: string) => columns.get(name) ?? 0;
  const placed = [
    ...clientRows(timeline),
    ...timeline.steps.flatMap((step) => stepRows(step, timeline, columnOf)),
    ...timeline.nodes.flatMap((name) => {
      const branch = branches.get(name);
      return branch ? branchRows(branch, name, timeline, columnOf(name)) : [];
    }),
  ].sort((a, b) => a.order - b.order);
  const rows = placed.map(({ order, doubt, ...row }) => row);
  return { lifelines, rows, doubts: doubtsOf(placed, lifelines.length) };
}

function stepRows(
  step: TimelineStep,
  timeline: Timeline,
  columnOf: (name: string) => number,
): Placed[] {
  const { node, to, afterMs, forced } = step;
  const [from, label] = [columnOf(node), labelOf(step)];
  const doubt = doubtAfter(step);
  const row: Placed = {
    key: keyOf(step),
    order: afterMs,
    time: ms(afterMs),
    shape: to !== undefined ? 'message' : forced ? 'forced' : 'noted',
    look: lookOf(step),
    from,
    to: to === undefined ? from : columnOf(to),
    label: label.length > mostLetters ? `${label.slice(0, mostLetters - 1)}…` : label,
    text: `${sentenceOf(step)}.`,
    ...(doubt !== undefined && { doubt }),
  };
  if (isQuestion(step)) return attemptRows(step, row, timeline);
  return step.attempts === undefined ? [row] : [row, lastOf(step, row)];
}

/** The last one of a message that was sent more than once; between, nothing is on record. */
function lastOf(
  { attempts = 1, afterMs, lastAfterMs = afterMs }: TimelineStep,
  row: Placed,
): Placed {
  return {
    ...row,
    key: `${row.key} again`,
    order: lastAfterMs,
    time: ms(lastAfterMs),
    label: `${row.label}, again${attempts > 2 ? ` ×${attempts - 1}` : ''}`,
  };
}

function doubtAfter({ type, node, vote, state }: TimelineStep): boolean | undefined {
  // What is answered to an inquiry may be lost.
  if (node === 'coordinator' || type === 'inquiry') return undefined;
  if (type === 'prepared' || vote === 'yes') return true;
  return type === 'committed' || type === 'aborted' || state !== undefined ? false : undefined;
}

/** Of repeats it is known how many there were, when the last left, and whether it is answered. */
function attemptRows(step: TimelineStep, row: Placed, timeline: Timeline): Placed[] {
  const { attempts = 1, durationMs } = step;
  const asked = sentenceOf(step);
  const shape = durationMs !== null ? 'message' : isGivenUp(step, timeline) ? 'lost' : 'open';
  const look = { message: row.look, lost: 'bad', open: 'wait' } as const;
  const answer = {
    message: `; the answer is there after ${ms(durationMs ?? 0)}`,
    lost: '; no answer was counted',
    open: '; no answer yet',
  };
  const last = { ...row, shape, look: look[shape], text: `${asked}${answer[shape]}.` } as const;
  if (attempts === 1) return [last];
  const again = lastOf(step, {
    ...last,
    text: `${asked}, ${attempts} times by now${answer[shape]}.`,
  });
  return [{ ...row, shape: 'lost', look: 'bad', text: `${asked}; no usable answer.` }, again];
}

/** Votes that have not come by the decision are not waited for any more. */
const isGivenUp = ({ type }: TimelineStep, { state }: Timeline) =>
  state !== 'preparing' && (type === 'prepare' || type === 'commit-one-phase');

/** The client is in no timeline: what is sure is that it asked, and from when on it may be told. */
function clientRows({ steps, state }: Timeline): Placed[] {
  const between = { shape: 'message', from: 0, to: 1 } as const;
  const asked: Placed = {
    ...between,
    key: 'request',
    order: -moment,
    time: ms(0),
    look: 'plain',
    label: 'transfer',
    text: 'The client asks the coordinator for the transfer.',
  };
  const decided = steps.find(({ type }) => type === 'decided');
  if (!decided) return [asked];
  const told = decided.afterMs + (decided.durationMs ?? 0);
  const outcome: Placed = {
    ...between,
    key: 'outcome',
    order: Math.max(told, decided.afterMs + moment),
    time: ms(told),
    look: lookOf(decided),
    from: 1,
    to: 0,
    label: state,
    text: `From here on, the client may be told that it is ${state}.`,
  };
  return [asked, outcome];
}

/** What only the participant has told so far, by its clock. */
function branchRows(branch: Branch, name: string, timeline: Timeline, column: number): Placed[] {
  const { preparedAt, decidedAt, resolution, state, code } = branch;
  const own = timeline.steps.filter((step) => step.node === name || step.to === name);
  const heard = (...types: string[]) =>
    own.some(({ type, node }) => node === name && types.includes(type));
  /** Not before what was sent to it by then: clocks differ. */
  const mark = (at: string, after: TimelineStep | undefined, label: string): Placed => {
    const byItsClock = Date.parse(at) - Date.parse(timeline.createdAt);
    return {
      key: `${label} ${name} `,
      order: Math.max(byItsClock, (after?.afterMs ?? 0) + moment),
      time: `≈ ${ms(Math.max(0, byItsClock))}`,
      shape: 'forced',
      look: label === 'committed' ? 'good' : label === 'aborted' ? 'bad' : 'wait',
      from: column,
      to: column,
      label,
      text: '',
      doubt: label === 'prepared',
    };
  };
  const rows: Placed[] = [];
  if (preparedAt !== undefined && !heard('prepared', 'vote', 'acknowledge')) {
    const text = `${name} has promised to do as will be decided, by its own word.`;
    rows.push({ ...mark(preparedAt, own[0], 'prepared'), look: 'plain', text });
  }
  if (resolution) {
    const text = `An operator has settled it at ${name} as ${resolution.outcome}.`;
    rows.push({ ...mark(resolution.at, own[0], 'resolved'), text });
  }
  const isDecided = state === 'committed' || state === 'aborted';
  if (isDecided && decidedAt !== undefined && code === undefined && !heard('acknowledge', state)) {
    const text = `${name} knows the outcome, by its own word: ${state}.`;
    rows.push({ ...mark(decidedAt, own.at(-1), state), text });
  }
  return rows;
}

/** From the promise of each participant until it knows what it has promised. */
function doubtsOf(rows: readonly Placed[], columns: number): Doubt[] {
  return Array.from({ length: columns }, (_, column) => column).flatMap((column) => {
    const own = rows.flatMap(({ from, doubt }, row) => (from === column ? [{ row, doubt }] : []));
    const begins = own.find(({ doubt }) => doubt);
    const ends = own.find(({ row, doubt }) => begins && row > begins.row && doubt === false);
    return begins ? [{ column, fromRow: begins.row, toRow: ends?.row }] : [];
  });
}
