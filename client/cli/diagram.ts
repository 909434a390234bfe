/** A transfer as a sequence diagram of text: a column for each node, a line for each step. */
import type { Timeline, TimelineStep } from '../sdk/index.ts';
import { table } from './table.ts';

/** Columns between two lifelines: room for a message. */
const gaps = { least: 16, most: 26 };

/** Columns before the first lifeline, for the time, and behind the last one: records and notes. */
const left = 15;
const records = 13;
const notes = 19;

/**
 * The lines of a diagram that fits into `width` columns; a table of the same steps if the
 * transfer has too many participants for that.
 */
export function diagram({ nodes, steps }: Timeline, width: number): string[] {
  const room = Math.floor((width - left - records - notes) / (nodes.length - 1));
  const gap = Math.min(room, gaps.most);
  if (gap < Math.max(gaps.least, ...nodes.map((name) => name.length + 2))) return list(steps);
  const at = new Map(nodes.map((name, index) => [name, left + index * gap]));
  const end = left + (nodes.length - 1) * gap;
  const head = blank(end + 1);
  for (const [name, x] of at) write(head, x - Math.floor(name.length / 2), name);
  const lines = steps.map((step) => {
    const line = blank(end + records);
    for (const x of at.values()) write(line, x, '│');
    write(line, 0, clock(step.afterMs));
    draw(line, step, at, gap);
    write(line, end + records, note(step));
    return line;
  });
  return [head, ...lines].map((line) => line.join('').trimEnd());
}

function draw(
  line: string[],
  step: TimelineStep,
  at: ReadonlyMap<string, number>,
  gap: number,
): void {
  const from = at.get(step.node) ?? 0;
  if (step.to === undefined) {
    write(line, from, `${step.forced ? '■' : '●'} ${label(step)}`);
    return;
  }
  const to = at.get(step.to) ?? 0;
  const [start, stop] = from < to ? [from, to] : [to, from];
  for (let x = start + 1; x < stop; x += 1) line[x] = line[x] === '│' ? '┼' : '─';
  write(line, from, from < to ? '├' : '┤');
  if (from < to) write(line, to - 1, '►');
  else write(line, to + 1, '◄');
  // Beside the participant's end of the arrow, where no other lifeline is in the way.
  write(line, stop - gap + 3, ` ${shortened(label(step), gap - 8)} `);
}

/** What a line says: of an answer, what was answered. */
function label({ type, vote, code, state }: TimelineStep): string {
  switch (type) {
    case 'vote':
      return (vote ?? 'none') + (code === undefined ? '' : `: ${code}`);
    case 'decided':
      return state ?? type;
    case 'acknowledge':
      return code === undefined ? 'done' : `no: ${code}`;
    default:
      return type;
  }
}

/** What is known beside it. */
function note({ type, forced, durationMs, attempts, reason, state }: TimelineStep): string {
  const said = [
    ...(type === 'inquiry' ? [`told: ${state ?? 'nothing is decided yet'}`] : []),
    ...(type === 'decided' && reason !== undefined ? [reason] : []),
    ...(forced && durationMs !== null ? [`forced in ${ms(durationMs)}`] : []),
    ...(isQuestion(type) && durationMs === null ? ['no answer yet'] : []),
    ...(isQuestion(type) && durationMs !== null ? [`answer in ${ms(durationMs)}`] : []),
    ...(attempts === undefined ? [] : [`${attemptsOf(type)} ${attempts} times`]),
  ];
  return said.join(', ');
}

const attemptsOf = (type: string) => (type === 'inquiry' ? 'asked' : 'sent');

const isQuestion = (type: string) =>
  ['prepare', 'commit', 'abort', 'commit-one-phase'].includes(type);

function list(steps: readonly TimelineStep[]): string[] {
  const rows = steps.map((step) => {
    const where = step.to === undefined ? step.node : `${step.node} → ${step.to}`;
    return [clock(step.afterMs).trim(), where, label(step), note(step)];
  });
  return table(['AFTER', 'WHERE', 'WHAT', ''], rows);
}

const blank = (width: number): string[] => Array.from({ length: width }, () => ' ');

function write(line: string[], x: number, text: string): void {
  // Names, codes and numbers: a sign is a column.
  for (const [index, sign] of Array.from(text).entries()) line[Math.max(0, x) + index] = sign;
}

const shortened = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

const clock = (afterMs: number) => ms(afterMs).padStart(11);

/** Milliseconds as people read them: hundredths below a second. */
export function ms(value: number): string {
  if (value < 1_000) return `${value.toFixed(2)} ms`;
  return `${(value / 1_000).toFixed(value < 100_000 ? 2 : 0)} s`;
}
