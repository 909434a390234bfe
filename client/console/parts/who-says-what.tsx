import type { ComponentChildren } from 'preact';
import type { Branch, Transfer } from '../../sdk/index.ts';
import { describe } from '../doubt.ts';
import { failureOf } from '../failure.ts';
import { Ago } from './ago.tsx';
import type { Polled } from './polled.ts';
import { StateBadge } from './state-badge.tsx';

interface WhoSaysWhatProps {
  /** Of the participant that is looked at. */
  readonly name: string;
  readonly heard: Polled<Branch> | undefined;
  /** By the coordinator. */
  readonly said: Polled<Transfer> | undefined;
  /** The names of the other participants. */
  readonly others: readonly string[];
  readonly peers: ReadonlyMap<string, Polled<Branch>>;
}

/** What each node has of a transfer, side by side. */
export function WhoSaysWhat({ name, heard, said, others, peers }: WhoSaysWhatProps) {
  return (
    <section aria-labelledby="who">
      <h2 id="who">Who says what</h2>
      <div class="scroll" role="region" aria-label="Nodes" tabIndex={0}>
        <table class="roomy">
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">Has it as</th>
              <th scope="col">What it tells</th>
            </tr>
          </thead>
          <tbody>
            <BranchRow name={name} heard={heard} />
            <DeciderRow said={said} />
            {others.map((peer) => (
              <BranchRow key={peer} name={peer} heard={peers.get(peer)} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface RowProps {
  readonly node: string;
  readonly state?: Branch['state'] | Transfer['state'] | undefined;
  readonly error: unknown;
  readonly children: ComponentChildren;
}

/** One node, what it has, and what it tells of it; or why it tells nothing. */
function Row({ node, state, error, children }: RowProps) {
  return (
    <tr>
      <th scope="row">{node}</th>
      <td>{state === undefined ? '' : <StateBadge state={state} />}</td>
      <td>
        {children} {error !== undefined && <span class="bad">{failureOf(error).title}</span>}
      </td>
    </tr>
  );
}

interface BranchRowProps {
  readonly name: string;
  readonly heard: Polled<Branch> | undefined;
}

function BranchRow({ name, heard }: BranchRowProps) {
  const { value: branch, error } = heard ?? {};
  return (
    <Row node={name} state={branch?.state} error={error}>
      {heard === undefined && '…'}
      {branch && <Story branch={branch} />}
    </Row>
  );
}

function Story({ branch }: { readonly branch: Branch }) {
  const { legs, preparedAt, decidedAt, resolution, damage, dismissal, code } = branch;
  return (
    <>
      {describe(legs)}
      {code !== undefined && ` (${code})`}
      {preparedAt !== undefined && (
        <>
          ; promised <Ago at={preparedAt} />
        </>
      )}
      {resolution && (
        <>
          ; settled by hand as {resolution.outcome} <Ago at={resolution.at} />: {resolution.reason}
        </>
      )}
      {decidedAt !== undefined && (
        <>
          ; heard the decision <Ago at={decidedAt} />
        </>
      )}
      {damage && `; the decision: ${damage.state}`}
      {dismissal && (
        <>
          ; made right <Ago at={dismissal.at} />: {dismissal.reason}
        </>
      )}
    </>
  );
}

function DeciderRow({ said }: { readonly said: Polled<Transfer> | undefined }) {
  const { value: transfer, error } = said ?? {};
  return (
    <Row node="coordinator" state={transfer?.state} error={error}>
      {said === undefined && '…'}
      {transfer && (
        <>
          began <Ago at={transfer.createdAt} />
          {transfer.decidedAt !== undefined && (
            <>
              ; decided <Ago at={transfer.decidedAt} />
            </>
          )}
          {transfer.reason !== undefined && ` (${transfer.reason})`}
          {transfer.state === 'committed' && !transfer.applied && '; not confirmed by all'}
        </>
      )}
    </Row>
  );
}
