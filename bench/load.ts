/** The client of all contenders: so many connections, each with one request at a time. */
import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { Client, type Dispatcher } from 'undici';

type Headers = Readonly<Record<string, string>>;

export interface LoadOptions {
  /** Where transfers are asked for. */
  readonly url: string;
  /** Connections go to these in turn as well. */
  readonly others?: readonly string[];
  readonly connections: number;
  /** Of each request. */
  readonly headers?: Headers | (() => Headers) | undefined;
  /** The next request's body; undefined: it was the last. */
  readonly next: () => string | undefined;
}

export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Of requests. Nanoseconds. */
  readonly latency: RecordableHistogram;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends as fast as answers come, on every connection. @throws {Error} if one is no success */
export async function load(options: LoadOptions): Promise<Load> {
  const { url: first, others = [], connections, headers, next } = options;
  const urls = [first, ...others];
  const latency = createHistogram({ figures: 3 });
  const since = performance.now();
  let requests = 0;
  const connection = async (at: number) => {
    const url = urls[at % urls.length] ?? first;
    const { origin, pathname } = new URL(url);
    const client = new Client(origin, { pipelining: 1 });
    for (let body = next(); body !== undefined; body = next()) {
      const started = performance.now();
      const own = typeof headers === 'function' ? headers() : headers;
      const answer = await post(client, pathname, body, own);
      if (answer.status > 299) throw new Error(`${url}: ${answer.status} ${answer.body}`);
      latency.record(Math.max(1, Math.round((performance.now() - started) * 1e6)));
      requests += 1;
    }
    await client.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, at) => connection(at)));
  return { requests, seconds: (performance.now() - since) / 1_000, latency };
}

/** Posts JSON; with less work for this process than undici's `request`, which makes a stream. */
export function post(
  dispatcher: Dispatcher,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  origin?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer = { status: 0, headers: {}, body: '' };
    dispatcher.dispatch(
      {
        ...(origin !== undefined && { origin }),
        ...{ method: 'POST', path, body },
        headers: { 'content-type': 'application/json', ...headers },
      },
      {
        onRequestStart: () => undefined,
        onResponseStart(_controller, status, said) {
          Object.assign(answer, { status, headers: said });
        },
        onResponseData(_controller, chunk) {
          answer.body += chunk.toString();
        },
        onResponseEnd: () => {
          resolve(answer);
        },
        onResponseError: (_controller, error) => {
          reject(error);
        },
      },
    );
  });
}

/** Gives bodies until the time is over. */
export function during(ms: number, make: () => string): () => string | undefined {
  const end = performance.now() + ms;
  return () => (performance.now() < end ? make() : undefined);
}

/** Gives so many bodies. */
export function times(count: number, make: () => string): () => string | undefined {
  let left = count;
  return () => (left-- > 0 ? make() : undefined);
}
