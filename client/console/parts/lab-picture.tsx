import type { LabLink, LabNode, LabView } from '../../sdk/index.ts';
import { isWhole, marksOf, pictureInWords } from '../lab-words.ts';

/** Where a node stands in the picture. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const height = 64;

const boxes: Readonly<Record<LabNode['name'], Box>> = {
  coordinator: { x: 10, y: 112, width: 340 },
  'coordinator-2': { x: 184, y: 112, width: 166 },
  'bank-a': { x: 10, y: 286, width: 162 },
  'bank-b': { x: 188, y: 286, width: 162 },
};

/** Makes room for the second one. */
const firstOfTwo: Box = { ...boxes.coordinator, width: 166 };

/** Where the links are, from top to bottom or back. */
const ways = [
  { from: 'client', to: 'coordinator', x: 172, start: 50, end: 108 },
  { from: 'coordinator', to: 'bank-a', x: 32, start: 180, end: 282 },
  { from: 'bank-a', to: 'coordinator', x: 110, start: 282, end: 180 },
  { from: 'coordinator', to: 'bank-b', x: 210, start: 180, end: 282 },
  { from: 'bank-b', to: 'coordinator', x: 288, start: 282, end: 180 },
] as const;

/** The nodes, and what becomes of requests between them; the words beside it say the same. */
export function LabPicture({ view }: { readonly view: LabView }) {
  const { nodes, links } = view;
  const hasTwo = nodes.some(({ name }) => name === 'coordinator-2');
  return (
    <svg class="lab-picture" viewBox="0 0 360 356" role="img" aria-label={pictureInWords(view)}>
      <rect class="lab-box" x="105" y="6" width="150" height="40" rx="8" />
      <text class="lab-name" x="180" y="31" text-anchor="middle">
        clients
      </text>
      {ways.map((way) => {
        const link = links.find(({ from, to }) => from === way.from && to === way.to);
        return link && <Way key={`${way.from} ${way.to}`} link={link} {...way} />;
      })}
      {nodes.map((node) => (
        <NodeBox
          key={node.name}
          node={node}
          box={hasTwo && node.name === 'coordinator' ? firstOfTwo : boxes[node.name]}
        />
      ))}
    </svg>
  );
}

function NodeBox({ node, box }: { readonly node: LabNode; readonly box: Box }) {
  const { name, state, pid, restarts } = node;
  const { x, y, width } = box;
  const more = restarts === 0 ? '' : `started again ${restarts} ×`;
  return (
    <g class={`lab-node ${state}`}>
      <rect class="lab-box" x={x} y={y} width={width} height={height} rx="8" />
      <g transform={`translate(${x + 20} ${y + 20})`}>
        <Sign state={state} />
      </g>
      <text class="lab-name" x={x + 36} y={y + 25}>
        {name}
      </text>
      <text class="lab-state" x={x + 12} y={y + 44}>
        {state}
        {pid === null ? '' : `, process ${pid}`}
      </text>
      <text class="lab-small" x={x + 12} y={y + 58}>
        {more}
      </text>
    </g>
  );
}

/** A shape for each state, as on the buttons of a recorder. */
function Sign({ state }: Pick<LabNode, 'state'>) {
  switch (state) {
    case 'running':
      return <path class="lab-sign" d="M-5-7 7 0-5 7Z" />;
    case 'paused':
      return <path class="lab-sign" d="M-6-7h4v14h-4ZM2-7h4v14h-4Z" />;
    case 'stopped':
      return <path class="lab-sign" d="M-6-6H6V6H-6Z" />;
    case 'starting':
      return <circle class="lab-sign starting" r="6" />;
  }
}

interface WayProps {
  readonly link: LabLink;
  readonly x: number;
  readonly start: number;
  readonly end: number;
}

/** A link, with its arrow where requests arrive, and its faults beside it. */
function Way({ link, x, start, end }: WayProps) {
  const marks = marksOf(link);
  const middle = (start + end) / 2;
  const tip = Math.sign(end - start) * 9;
  const kind = link.cut ? 'cut' : isWhole(link) ? 'whole' : 'faulty';
  const top = middle - (marks.length - 1) * 7 + 4;
  return (
    <g class={`lab-way ${kind}`}>
      {link.cut ? (
        <path
          d={`M${x} ${start}V${middle - tip * 1.4}M${x} ${middle + tip * 1.4}V${end - tip}
            M${x - 6} ${middle - 6}l12 12m0-12l-12 12`}
        />
      ) : (
        <path class="lab-line" d={`M${x} ${start}V${end - tip}`} />
      )}
      <path class="lab-tip" d={`M${x} ${end}l-5 ${-tip}h10Z`} />
      {marks.map((mark, at) => (
        <text key={mark} x={x + 11} y={top + at * 14}>
          {mark}
        </text>
      ))}
    </g>
  );
}
