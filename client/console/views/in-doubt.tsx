import {
  ApiError,
  type Branch,
  type BranchState,
  type ParticipantInfo,
  type Transfer,
} from '../../sdk/index.ts';
import { coordinator, participant } from '../api.ts';
import { byName, describe, doubtOf, legsAt, type Doubt, type Waiting } from '../doubt.ts';
import { firstOf } from '../first-of.ts';
import { participants, reached } from '../nodes.ts';
import { Ago } from '../parts/ago.tsx';
import { usePolled, type Polled } from '../parts/polled.ts';
import { Problem } from '../parts/problem.tsx';
import { SettledList } from '../parts/settled-list.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { hrefOf } from '../router.ts';

/** Of each participant and state. */
const mostBranches = 500;
/** Of all participants; the coordinator is asked about each. */
const mostRows = 50;

/** What participants remember for as long as nobody has made up their mind. */
const open: readonly BranchState[] = ['prepared', 'resolved', 'damaged'];

/** What waits, what was settled without a decision, and what that has damaged. */
export function InDoubt() {
  const infos = participants.value.toSorted(byName);
  const { read } = usePolled(
    infos.map(({ name }) => name),
    async (name, signal) => {
      const node = participant(name);
      const branches: Branch[] = [];
      let more = false;
      // One after the other: of a participant that hangs, one request waits, and not three.
      for (const state of open) {
        const list = await firstOf(node.branches({ state }, { signal }), mostBranches);
        branches.push(...list.items);
        more ||= list.more;
      }
      return { branches, more };
    },
  );
  const answered = infos.flatMap((info) => {
    const polled = read.get(info.name);
    if (polled === undefined) return [];
    const { value, error } = polled;
    return [{ info, branches: value?.branches ?? [], isReached: error === undefined }];
  });
  const doubt = doubtOf(answered, Date.now());
  const silent = infos.filter(({ name }) => read.get(name)?.error !== undefined);
  return (
    <>
      <h1>In doubt</h1>
      <p class="prose">
        A participant that has voted yes has promised: it holds the money, and waits for the
        decision of the coordinator, however long that takes. Until then the transfer is{' '}
        <em>in doubt</em> there. That is safe: nobody’s money is lost by waiting, and as soon as
        nodes that know the decision can be reached, it ends by itself.
      </p>
      {answered.length < infos.length && <p class="loading">Asking the participants …</p>}
      {reached.value.state === 'away' ? <Away /> : <Silent infos={silent} read={read} />}
      {answered.length === infos.length && <Summary doubt={doubt} silent={silent} />}
      <WaitingTable waiting={doubt.waiting} />
      <SettledList title="Damage that has to be made right" branches={doubt.damaged}>
        The decision was another one than what was settled by hand (or a store that was restored
        could not book it). The totals are off by exactly what is told here, until it is dismissed.
      </SettledList>
      <SettledList title="Settled by hand, without the decision" branches={doubt.resolved}>
        The money moves again, and the participant goes on asking for the decision. When that is the
        same, nothing is left to do. When it is the other one, the damage is told here.
      </SettledList>
      {[...read.values()].some(({ value }) => value?.more) && (
        <p class="quiet">
          Of each participant the newest {mostBranches} are read; there are more:{' '}
          <code>unanimous branches --state prepared</code> lists them all.
        </p>
      )}
    </>
  );
}

/** This page looks at participants through the coordinator. */
function Away() {
  return (
    <p class="card prose">
      Without the coordinator this page cannot look at the participants: what is below was seen
      last. Start the coordinator, on its store, and everything is resolved within seconds.
      Meanwhile participants ask each other, and each tells what it waits for at its own address,
      under <code>/branches?state=prepared</code>.
    </p>
  );
}

interface SilentProps {
  readonly infos: readonly ParticipantInfo[];
  readonly read: ReadonlyMap<string, Polled<unknown>>;
}

/** Participants that cannot be asked, and why. */
function Silent({ infos, read }: SilentProps) {
  return (
    <>
      {infos.map(({ name, reason }) => (
        <Problem
          key={name}
          error={read.get(name)?.error}
          tried="reading"
          what={
            `${name} cannot be asked` +
            (reason === undefined ? '' : ` (the coordinator says: ${reason})`) +
            '. What it waits for is told from the side of the coordinator.'
          }
        />
      ))}
    </>
  );
}

interface SummaryProps {
  readonly doubt: Doubt;
  /** The participants that cannot be asked. */
  readonly silent: readonly ParticipantInfo[];
}

function Summary({ doubt: { waiting, resolved, damaged, underWay }, silent }: SummaryProps) {
  const counts = [
    ...(waiting.length > 0 ? [`${waiting.length} waiting`] : []),
    ...(resolved.length > 0 ? [`${resolved.length} settled by hand`] : []),
    ...(damaged.length > 0 ? [`${damaged.length} damaged`] : []),
  ];
  const names = silent.map(({ name }) => name).join(', ');
  return (
    <>
      <p role="status">
        {counts.length > 0 && <strong class="wait">{counts.join(', ')}</strong>}
        {counts.length === 0 && silent.length === 0 && (
          <strong class="good">Nothing waits, and nothing has to be made right.</strong>
        )}
        {counts.length === 0 && silent.length > 0 && (
          <strong class="wait">Nothing is known to wait; not known of {names}.</strong>
        )}
      </p>
      {underWay > 0 && (
        <p class="quiet">
          {underWay} more {underWay === 1 ? 'is' : 'are'} under way just now, which is no doubt yet.
        </p>
      )}
    </>
  );
}

function WaitingTable({ waiting }: { readonly waiting: readonly Waiting[] }) {
  const rows = waiting.slice(0, mostRows);
  const { read } = usePolled([...new Set(rows.map(({ id }) => id))], (id, signal) =>
    coordinator().getTransfer(id, { signal }),
  );
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">What waits</h2>
      <div class="scroll">
        <table class="roomy">
          <thead>
            <tr>
              <th scope="col">Transfer</th>
              <th scope="col">Waits at</th>
              <th scope="col">Since</th>
              <th scope="col">Promised there</th>
              <th scope="col">The coordinator says</th>
              <th scope="col">Settle</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <WaitingRow key={`${row.participant}/${row.id}`} row={row} said={read.get(row.id)} />
            ))}
          </tbody>
        </table>
      </div>
      {waiting.length > rows.length && (
        <p class="quiet">
          The oldest {rows.length} of {waiting.length} are shown.
        </p>
      )}
    </section>
  );
}

interface WaitingRowProps {
  readonly row: Waiting;
  readonly said: Polled<Transfer> | undefined;
}

function WaitingRow({ row: { participant: name, id, branch }, said }: WaitingRowProps) {
  const transfer = said?.value;
  const since = branch?.preparedAt ?? transfer?.createdAt;
  const legs = branch?.legs ?? (transfer ? legsAt(transfer, name) : []);
  return (
    <tr>
      <th scope="row" class="nowrap">
        <a href={hrefOf('transfers', id)}>{id}</a>
      </th>
      <td>{name}</td>
      <td class="nowrap">{since === undefined ? 'not known' : <Ago at={since} />}</td>
      <td>
        {describe(legs)}
        {branch === undefined && <span class="quiet"> (if it has promised)</span>}
      </td>
      <td>
        <Said said={said} />
      </td>
      <td class="nowrap">
        <a href={hrefOf('in-doubt', name, id)} aria-label={`Look at it: ${id} at ${name}`}>
          Look at it
        </a>
      </td>
    </tr>
  );
}

function Said({ said }: { readonly said: Polled<Transfer> | undefined }) {
  const { value, error } = said ?? {};
  // What was decided stays so, whatever is answered now.
  if (value && (value.state !== 'preparing' || !error)) return <StateBadge state={value.state} />;
  if (said?.error instanceof ApiError && said.error.code === 'transfer-not-found') {
    return <span class="bad">it has no such transfer</span>;
  }
  return <span class="quiet">{said === undefined ? '…' : 'nothing'}</span>;
}
