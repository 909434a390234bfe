import { useEffect, useRef, useState } from 'preact/hooks';
import type { Branch, Timeline, Transfer } from '../../sdk/index.ts';
import { coordinator, participant } from '../api.ts';
import { DismissForm } from '../parts/dismiss-form.tsx';
import { usePolled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { ResolveForm } from '../parts/resolve-form.tsx';
import { WhoSaysWhat } from '../parts/who-says-what.tsx';
import { hrefOf } from '../router.ts';
import { adviceOf, outcomeOf, triesOf, verdictOf, type Verdict } from '../verdict.ts';

interface BranchProps {
  /** Of the participant. */
  readonly name: string;
  /** Of the transfer. */
  readonly id: string;
}

/** One participant's part of a transfer: who knows what of it, and how it can be settled. */
export function BranchView({ name, id }: BranchProps) {
  const path = `${name}/${id}`;
  const [isDone, setDone] = useState(false);
  const own = usePolled([path], (_path, signal) => participant(name).branch(id, { signal }));
  const decider = usePolled([id], (_id, signal) => coordinator().getTransfer(id, { signal }));
  const tries = usePolled([id], (_id, signal) => coordinator().timeline(id, { signal }));
  const said = decider.read.get(id);
  const heard = own.read.get(path);
  const branch = heard?.value;
  const others = branch?.peers ?? namesOf(said?.value).filter((other) => other !== name);
  const peers = usePolled(others, (peer, signal) => participant(peer).branch(id, { signal }));
  const verdict = verdictOf(said, peers.read);
  const onDone = (settled: Branch) => {
    setDone(true);
    own.put(path, settled);
  };
  return (
    <>
      <p>
        <a href={hrefOf('in-doubt')}>In doubt</a> /{' '}
        <a href={hrefOf('transfers', id)}>the whole transfer</a>
      </p>
      <h1>
        {id} at {name}
      </h1>
      {isDone && branch && <Outcome sentences={outcomeOf(branch, name)} />}
      {heard === undefined && <p class="loading">Asking {name} …</p>}
      {heard?.error !== undefined && (
        <Problem
          error={heard.error}
          tried="reading"
          what={`${name} does not tell its part of it. It is asked again every few seconds.`}
        />
      )}
      <WhoSaysWhat name={name} heard={heard} said={said} others={others} peers={peers.read} />
      {branch?.state === 'prepared' && (
        <>
          <Tried name={name} branch={branch} timeline={tries.read.get(id)?.value} />
          <Advice verdict={verdict} branch={branch} />
          <ResolveForm name={name} branch={branch} verdict={verdict} onDone={onDone} />
        </>
      )}
      {branch?.state === 'damaged' && branch.damage && (
        <DismissForm name={name} branch={branch} damage={branch.damage} onDone={onDone} />
      )}
      {branch && !isDone && <NothingToDo name={name} branch={branch} />}
    </>
  );
}

const namesOf = (transfer: Transfer | undefined): readonly string[] =>
  transfer?.participants.map(({ name }) => name) ?? [];

/** What has just been done; read out, as the form that did it is gone. */
function Outcome({ sentences }: { readonly sentences: readonly string[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div class="card outcome" role="status" tabIndex={-1} ref={place}>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}

function NothingToDo({ name, branch }: { readonly name: string; readonly branch: Branch }) {
  if (branch.state === 'prepared' || branch.state === 'damaged') return null;
  const sentences =
    branch.state === 'resolved' || branch.resolution || branch.dismissal
      ? outcomeOf(branch, name)
      : [`Nothing is in doubt here: ${name} knows the decision.`];
  return (
    <div class="card outcome">
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}

interface TriedProps {
  readonly name: string;
  readonly branch: Branch;
  readonly timeline: Timeline | undefined;
}

function Tried({ name, branch: { coordinator: sender, peers }, timeline }: TriedProps) {
  const others = peers.length === 0 ? '' : `, it asks ${peers.join(' and ')} as well`;
  return (
    <section aria-labelledby="tried">
      <h2 id="tried">What is being tried</h2>
      <ul class="prose">
        <li>
          {name} asks the coordinator (store {sender.store}, epoch {sender.epoch}) for the decision,
          again and again, with growing pauses. When three questions in a row bring none{others}.
        </li>
        {timeline && triesOf(timeline, name).map((sentence) => <li key={sentence}>{sentence}</li>)}
      </ul>
    </section>
  );
}

function Advice({ verdict, branch }: { readonly verdict: Verdict; readonly branch: Branch }) {
  return (
    <section aria-labelledby="advice">
      <h2 id="advice">What to do</h2>
      <div class="card" role="status">
        {adviceOf(verdict, branch).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </section>
  );
}
