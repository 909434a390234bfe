import type { LabNode } from '../../sdk/index.ts';
import { lab } from '../lab.ts';
import { buttonsOf } from '../lab-words.ts';

/** The nodes, and what can be done to their processes. */
export function LabNodes({ nodes }: { readonly nodes: readonly LabNode[] }) {
  return (
    <section aria-labelledby="lab-nodes">
      <h2 id="lab-nodes">Nodes</h2>
      <div class="cards">
        {nodes.map((node) => (
          <NodeCard key={node.name} node={node} />
        ))}
      </div>
    </section>
  );
}

const looks = { running: 'good', paused: 'wait', stopped: 'bad', starting: 'wait' } as const;

function NodeCard({ node }: { readonly node: LabNode }) {
  const { name, state, pid, address } = node;
  return (
    <div class="card lab-card">
      <h3>{name}</h3>
      <p>
        <strong class={looks[state]}>{state}</strong>
        {pid !== null && <>, process {pid}</>}
        <br />
        <span class="quiet">{address}</span>
      </p>
      <div class="row">
        {buttonsOf(node).map(({ action, label, isPossible }, place) => (
          // A button keeps its place and the focus, whatever it does next.
          <button
            key={place}
            type="button"
            aria-disabled={!isPossible}
            onClick={() => {
              if (isPossible) void lab.act(name, action);
            }}
          >
            {label}
            <span class="hidden"> {name}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
