/** The log as a stream of events for clients (openapi.yaml, streamEvents). */
import { Readable } from 'node:stream';
import type { Registered } from './directory.ts';
import type { Fact } from './protocol.ts';
import { reasonCode } from './views.ts';

/** Where a stream gets its events from: a coordinator. */
export interface EventSource {
  readonly state: { readonly store: string; readonly epoch: number };
  readonly position: number;
  readonly stopping: boolean;
  read(
    after: number,
    most: number,
  ): Promise<{ readonly sequence: number; readonly record: Fact | Registered }[]>;
  news(ms: number): Promise<void>;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Events that are read from the log at once. */
const batchEvents = 256;

/** A comment is sent after so much silence, so that nobody takes it for a dead connection. */
const heartbeatMs = 15_000;

/** After how long a client comes back when its stream ends; it may say so itself. */
const retryMs = 1_000;

/**
 * Server-sent events (WHATWG HTML, server-sent events): first `connected`, then every durable
 * record after a position, for as long as somebody reads. Whoever reads slowly gets them later;
 * nothing piles up. Ends after `lastsMs` milliseconds.
 */
export function eventStream(source: EventSource, after: number, lastsMs = Infinity): Readable {
  const texts = events(source, after, source.now() + lastsMs);
  return new Readable({
    read() {
      texts.next().then(
        ({ value, done }) => this.push(done ? null : value),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, done) {
      // It may still wait for news, and ends when that is over.
      void texts.return(undefined);
      done(error);
    },
  });
}

async function* events(
  source: EventSource,
  after: number,
  end: number,
): AsyncGenerator<string, undefined> {
  const { store, epoch } = source.state;
  yield `retry: ${retryMs}\n${block(store, after, { type: 'connected', store, epoch })}`;
  let position = after;
  while (!source.stopping && source.now() < end) {
    const upTo = source.position;
    const entries = await source.read(position, batchEvents);
    for (const { sequence, record } of entries) {
      position = sequence;
      yield block(store, sequence, viewEvent(record));
    }
    // Where nothing was read there are only seals, which are no events.
    if (entries.length === 0) position = Math.max(position, upTo);
    // What came while the last batch was sent is read at once.
    if (entries.length > 0 || source.position > position) continue;
    await source.news(Math.min(heartbeatMs, end - source.now()));
    if (source.position === position) yield ':\n\n';
  }
  return undefined;
}

function block(store: string, sequence: number, data: EventView | Connected): string {
  return `id: ${store}-${sequence}\nevent: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The position in `Last-Event-ID`: `0`, or an id of this store; undefined for any other. */
export function positionOf(eventId: string, { state, position }: EventSource): number | undefined {
  if (eventId === '0') return 0;
  const [store, sequence] = eventId.split('-');
  const after = Number(sequence);
  return store === state.store && after <= position ? after : undefined;
}

interface Connected {
  readonly type: 'connected';
  readonly store: string;
  readonly epoch: number;
}

type EventView = ReturnType<typeof viewEvent>;

/** A record as clients see it: without keys and fingerprints. */
export function viewEvent(record: Fact | Registered) {
  const { type, at } = record;
  switch (record.type) {
    case 'begun': {
      const { id, legs, participants, reference, metadata, reverses } = record;
      const label = {
        ...(reverses && { reverses: reverses.id }),
        ...(reference !== undefined && { reference }),
        ...(metadata && { metadata }),
      };
      return { type, id, at, legs, participants, ...label };
    }
    case 'decided': {
      const { id, state, votes } = record;
      const outcome =
        record.state === 'committed'
          ? { timestamp: record.timestamp }
          : { reason: reasonCode(record.reason) };
      const participants = Object.entries(votes).map(([name, ballot]) => ({ name, ...ballot }));
      return { type, id, at, state, ...outcome, participants };
    }
    case 'ended': {
      const { id, damage } = record;
      return { type, id, at, ...(damage && { damage }) };
    }
    case 'registered': {
      const { name, store, epoch, address } = record;
      return { type, at, name, store, epoch, address };
    }
  }
}
