import { createClient, type Client } from './generated/client/index.ts';

export interface ConnectOptions {
  /** Bearer key of the caller's role. */
  readonly key?: string | undefined;
  /** For one attempt, beyond what it asks the node to wait. Milliseconds; 10 000 unless told. */
  readonly timeoutMs?: number | undefined;
  /** Another fetch than the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** For jitter, at least 0 and below 1; `Math.random` unless told. */
  readonly random?: (() => number) | undefined;
}

/** One node, and how to talk to it. */
export interface Connection {
  readonly address: string;
  readonly client: Client;
  /** For one attempt. Milliseconds. */
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  readonly random: () => number;
}

/**
 * Does not connect yet: that happens with the first request.
 * @throws {TypeError} if `url` is not an http or https URL, or the key not visible ASCII
 */
export function openConnection(url: string, options: ConnectOptions): Connection {
  const { key, timeoutMs = 10_000, fetch: own, random = Math.random } = options;
  if (!/^https?:\/\/[^?#@\s]+$/.test(url) || !URL.canParse(url)) {
    throw new TypeError(`"${url}" must look like http://127.0.0.1:7700`);
  }
  if (key !== undefined && !/^[!-~]+$/.test(key)) {
    throw new TypeError('a key is visible ASCII characters without spaces');
  }
  const address = url.replace(/\/+$/, '');
  const client = createClient({
    baseUrl: address,
    parseAs: 'json',
    redirect: 'manual',
    ...(key !== undefined && { auth: key }),
  });
  return {
    address,
    client,
    timeoutMs,
    // As a method of this object, a browser's own would throw.
    fetch: (input, init) => (own ?? fetch)(input, init),
    random,
  };
}
