/** The coordinator's events, over as many connections as it takes. */
import type { Connection } from './connection.ts';
import { ApiError, foreignAnswer, noAnswer, noAnswerInTime } from './errors.ts';
import { streamEvents } from './generated/sdk.gen.ts';
import type { Event as EventData } from './generated/types.gen.ts';
import { exchange, refusal } from './request.ts';
import { isEvent, isNewEvent } from './shapes.ts';
import { backoff, pause, within } from './wait.ts';

/** An event, with the id to go on behind it: give it as `after`. */
export type Event = EventData & { readonly eventId: string };

export interface EventsOptions {
  /** The `eventId` of the last event that was seen; `0` for all there are, now unless told. */
  readonly after?: string | undefined;
  /** Ends the stream. Without it, only `break` does. */
  readonly signal?: AbortSignal | undefined;
}

/** A node says something at least every 15 seconds; after this long, it is gone. Milliseconds. */
const silenceMs = 45_000;

/** What may come before an event is whole; the largest takes some 100 kB. Bytes. */
const mostBytes = 8 * 1024 * 1024;

/** Between two connections; the upper bound doubles with each that brings nothing. Milliseconds. */
const backoffMs = { least: 1_000, most: 10_000 };

/** One connection. */
interface Progress {
  readonly end: AbortSignal;
  /** Bytes since the last event, and its id. */
  readonly read: { bytes: number; eventId: string };
}

/**
 * Events as they come, each once. When the connection breaks, the next one goes on behind the
 * last event, for as long as it takes; each begins with `connected`.
 * @throws {ApiError} if the first connection fails, or the node says that trying is no use
 * @throws the reason of the signal once it is aborted
 */
export async function* followEvents(
  node: Connection,
  { after, signal }: EventsOptions,
): AsyncGenerator<Event, void, undefined> {
  let last = after;
  let opened = false;
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const event of openStream(node, last, signal)) {
        last = event.eventId;
        opened = true;
        failures = 0;
        yield event;
        signal?.throwIfAborted();
      }
    } catch (error) {
      if (!(error instanceof ApiError) || !opened || !error.retryable) throw error;
    }
    await pause(backoff(failures, node.random, backoffMs), signal);
  }
}

/** The events of one connection, until it ends. */
async function* openStream(
  node: Connection,
  last: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Event, void, undefined> {
  signal?.throwIfAborted();
  const end = new AbortController();
  const stop = () => {
    end.abort(signal?.reason);
  };
  signal?.addEventListener('abort', stop, { once: true });
  const read = { bytes: 0, eventId: '' };
  let failure: unknown;
  try {
    const { stream } = await streamEvents({
      client: node.client,
      ...(last !== undefined && { headers: { 'Last-Event-ID': last } }),
      fetch: (request) => openBody(node, request, { end: end.signal, read }),
      // The next connection is made here, after a look at why this one has failed.
      sseMaxRetryAttempts: 1,
      onSseError: (error) => {
        failure = error;
      },
      onSseEvent: ({ id = '' }) => {
        read.bytes = 0;
        read.eventId = id;
      },
    });
    for await (const data of stream) {
      const { eventId } = read;
      if (isEvent(data) && eventId !== '') yield { ...data, eventId };
      else if (!isNewEvent(data)) throw foreignAnswer(node.address, 200, 'what is no event');
    }
    signal?.throwIfAborted();
    if (failure instanceof ApiError) throw failure;
    if (failure !== undefined) throw noAnswer(node.address, failure);
  } finally {
    end.abort();
    signal?.removeEventListener('abort', stop);
  }
}

/** What the coordinator streams, or the error that it answers. */
async function openBody(
  node: Connection,
  request: Request | URL | string,
  progress: Progress,
): Promise<Response> {
  const { address, timeoutMs } = node;
  const { end } = progress;
  const late = () => noAnswerInTime(address, timeoutMs);
  return within(timeoutMs, { signal: end, late }, async () => {
    const response = await node.fetch(request, { signal: end });
    const { status, headers, body } = response;
    const streams = headers.get('content-type')?.startsWith('text/event-stream');
    if (body && status === 200 && streams) {
      return new Response(watched(address, body, progress), { status, headers });
    }
    const whole = await exchange(address, () => Promise.resolve(response));
    throw refusal(address, { status, body: await whole.json() });
  });
}

/** The same bytes, as they are asked for; too many of them, or none for too long, are an error. */
function watched(
  address: string,
  body: ReadableStream<Uint8Array>,
  { end, read }: Progress,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const late = () => noAnswerInTime(address, silenceMs);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await within(silenceMs, { signal: end, late }, () => reader.read());
        if (done) {
          controller.close();
          return;
        }
        read.bytes += value.byteLength;
        if (read.bytes > mostBytes) throw foreignAnswer(address, 200, 'an event without an end');
        controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}
