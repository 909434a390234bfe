import { useState } from 'preact/hooks';
import type { LogRecords } from '../../sdk/index.ts';
import { coordinator, participant } from '../api.ts';
import { Problem } from './problem.tsx';

/** The most records of one transfer at one node that are shown; more are never written of it. */
const most = 100;

interface RecordsProps {
  readonly id: string;
  /** `coordinator` and the participants. */
  readonly nodes: readonly string[];
}

/** What a node has in its log about a transfer, when a person asks for it. */
export function Records({ id, nodes }: RecordsProps) {
  const [node, setNode] = useState('coordinator');
  const [found, setFound] = useState<LogRecords>();
  const [error, setError] = useState<unknown>();
  const read = async (event: Event) => {
    event.preventDefault();
    setError(undefined);
    try {
      setFound(await (node === 'coordinator' ? coordinator() : participant(node)).records(id));
    } catch (failed) {
      setFound(undefined);
      setError(failed);
    }
  };
  return (
    <>
      <form class="row" onSubmit={(event) => void read(event)}>
        <div>
          <label for="records-of">Node</label>
          <select
            id="records-of"
            value={node}
            onChange={({ currentTarget: { value } }) => {
              setNode(value);
            }}
          >
            {nodes.map((name) => (
              <option value={name}>{name}</option>
            ))}
          </select>
        </div>
        <button type="submit">Read its log</button>
      </form>
      {error !== undefined && (
        <Problem error={error} tried="reading" what="Its records cannot be shown." />
      )}
      <div role="status">
        {found && (
          <p>
            {found.node ?? 'A node without a name'}: {found.records.length} records, all of them on
            disk.
          </p>
        )}
      </div>
      {found?.records.slice(0, most).map((record) => (
        <pre key={record.seq} tabIndex={0} aria-label={`Record ${record.seq}: ${record.type}`}>
          {JSON.stringify(record, null, 2)}
        </pre>
      ))}
    </>
  );
}
