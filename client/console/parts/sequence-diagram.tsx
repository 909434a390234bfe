import { useEffect, useRef } from 'preact/hooks';
import type { Timeline } from '../../sdk/index.ts';
import { layOut, type Branches, type Doubt, type Row, type Sequence } from '../sequence.ts';

/** In the units of the drawing, which are those of the page. */
const size = { gap: 148, row: 34, side: 72, end: 28, head: 40, times: 80 } as const;

/** With more rows than this, new ones are simply there: many at once would move jerkily. */
const mostMoving = 150;

/** In a frame that is narrower, the client is left of what is seen first. */
const narrow = 480;

interface SequenceDiagramProps {
  readonly timeline: Timeline;
  /** What participants have told themselves, where the coordinator knows less. */
  readonly branches?: Branches | undefined;
}

/** A transfer as a sequence diagram, and the same as a list. */
export function SequenceDiagram({ timeline, branches }: SequenceDiagramProps) {
  const sequence = layOut(timeline, branches);
  const { rows, doubts, lifelines } = sequence;
  const width = size.side * 2 + (lifelines.length - 1) * size.gap + size.end;
  const height = rows.length * size.row + size.end;
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current && frame.current.clientWidth < narrow) frame.current.scrollLeft = size.gap;
  }, []);
  const lasting = doubts.filter(({ toRow }) => toRow === undefined);
  const told =
    `Sequence diagram of transfer ${timeline.id}, which is ${timeline.state}: ` +
    `${rows.length} steps between ${lifelines.length} nodes, told below as a list` +
    (lasting.length === 0 ? '' : `; ${lasting.length} in doubt`);
  return (
    <figure class={rows.length > mostMoving ? 'sequence' : 'sequence moving'}>
      <div
        ref={frame}
        class="sequence-frame"
        tabIndex={0}
        role="group"
        aria-label="Diagram, can be scrolled"
      >
        <Heads lifelines={lifelines} width={width} />
        <Times rows={rows} height={height} />
        <svg
          class="sequence-body"
          role="img"
          aria-label={told}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
        >
          <Body sequence={sequence} height={height} />
        </svg>
      </div>
      <Legend />
      <Steps rows={rows} />
    </figure>
  );
}

const xOf = (column: number) => size.side + column * size.gap;
const yOf = (row: number) => row * size.row + size.row / 2 + 4;

function Heads({ lifelines, width }: { lifelines: readonly string[]; width: number }) {
  return (
    <>
      <div class="sequence-corner" aria-hidden="true" />
      <svg class="sequence-heads" aria-hidden="true" width={width} height={size.head}>
        {lifelines.map((name, column) => (
          <g key={name} transform={`translate(${xOf(column)} 0)`}>
            <rect class="head" x={-64} y={6} width={128} height={28} rx={6} />
            <text y={25} text-anchor="middle">
              {name.length > 16 ? `${name.slice(0, 15)}…` : name}
              <title>{name}</title>
            </text>
          </g>
        ))}
      </svg>
    </>
  );
}

function Times({ rows, height }: { rows: readonly Row[]; height: number }) {
  return (
    <svg class="sequence-times" aria-hidden="true" width={size.times} height={height}>
      {rows.map(({ key, time }, row) => (
        <text key={key} x={size.times - 8} y={yOf(row) + 4} text-anchor="end">
          {time}
        </text>
      ))}
    </svg>
  );
}

function Body({ sequence, height }: { sequence: Sequence; height: number }) {
  const { lifelines, rows, doubts } = sequence;
  return (
    <>
      {lifelines.map((name, column) => (
        <line key={name} class="lifeline" x1={xOf(column)} x2={xOf(column)} y1={0} y2={height} />
      ))}
      {doubts.map((doubt) => (
        <DoubtSpan key={doubt.column} doubt={doubt} height={height} />
      ))}
      {rows.map((row, index) => (
        <g key={row.key} class={`step ${row.look}`} transform={`translate(0 ${yOf(index)})`}>
          <title>{row.text}</title>
          {row.from === row.to ? <Mark row={row} /> : <Arrow row={row} />}
        </g>
      ))}
    </>
  );
}

function DoubtSpan({ doubt, height }: { doubt: Doubt; height: number }) {
  const { column, fromRow, toRow } = doubt;
  const [top, end] = [yOf(fromRow), toRow === undefined ? height : yOf(toRow)];
  return (
    <g class={toRow === undefined ? 'doubt lasting' : 'doubt'}>
      <title>In doubt: it has promised, and does not know the outcome</title>
      <rect x={xOf(column) - 7} y={top} width={14} height={Math.max(2, end - top)} />
      {toRow === undefined && (
        <text x={xOf(column) + 14} y={height - 8}>
          in doubt
        </text>
      )}
    </g>
  );
}

function Mark({ row }: { row: Row }) {
  const x = xOf(row.from);
  return (
    <>
      {row.shape === 'forced' ? (
        <rect class="record" x={x - 6} y={-6} width={12} height={12} />
      ) : (
        <circle class="record" cx={x} r={5} />
      )}
      <text x={x + 13} y={4}>
        {row.label}
      </text>
    </>
  );
}

function Arrow({ row }: { row: Row }) {
  const { from, to, shape, label } = row;
  const way = from < to ? 1 : -1;
  const whole = shape === 'message';
  const start = xOf(from) + way * 8;
  // Without an answer, nobody knows how far it has come.
  const stop = whole ? xOf(to) - way * 8 : xOf(to) - way * 26;
  const [tip, back] = [stop, stop - way * 9];
  // Beside the participant, where no other lifeline is in the way.
  const middle = (xOf(Math.max(from, to)) + xOf(Math.max(from, to) - 1)) / 2;
  return (
    <>
      <line class={`arrow ${shape}`} x1={start} x2={whole ? back : stop} pathLength={1} />
      {whole && <path class="tip" d={`M${tip} 0 L${back} -5 L${back} 5 Z`} />}
      {shape === 'open' && <circle class="open-end" cx={stop + way * 5} r={4} />}
      {shape === 'lost' && (
        <path
          class="lost-end"
          d={`M${stop - 5} -5 L${stop + 5} 5 M${stop - 5} 5 L${stop + 5} -5`}
        />
      )}
      <text x={middle} y={-8} text-anchor="middle">
        {label}
      </text>
    </>
  );
}

function Legend() {
  return (
    <figcaption class="quiet sequence-legend">
      <span>■ forced to disk</span>
      <span>● a moment, not forced</span>
      <span>▮ in doubt</span>
      <span>╌○ no answer yet</span>
      <span>╌✕ no answer that counts</span>
    </figcaption>
  );
}

function Steps({ rows }: { rows: readonly Row[] }) {
  return (
    <details class="sequence-steps">
      <summary>The same as a list: {rows.length} steps</summary>
      <ol>
        {rows.map(({ key, time, text }) => (
          <li key={key}>
            {time !== '' && <span class="quiet">{time}</span>} {text}
          </li>
        ))}
      </ol>
    </details>
  );
}
