import { readFileSync } from 'node:fs';
import type { Response as Reply } from 'undici';
import { CommandError } from './io.ts';

/**
 * A fetch that trusts the CA in `file`, and no other.
 * @throws {CommandError} if the file cannot be read
 */
export function trustingFetch(file: string): typeof fetch {
  let ca: string;
  try {
    ca = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(2, `--tls-ca: cannot read ${file}: ${reason}`);
  }
  // Loaded with the first request: a command without a CA does not wait for it.
  const load = async () => {
    const undici = await import('undici');
    return { send: undici.fetch, dispatcher: new undici.Agent({ connect: { ca } }) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return async (input, init) => {
    const { send, dispatcher } = await (loaded ??= load());
    // Requests and answers of the library are other ones than those that Node has built in.
    const request = new Request(input, init);
    const { url, method, redirect, signal } = request;
    const body = request.body === null ? null : await request.text();
    const headers = [...request.headers];
    const reply = await send(url, { method, headers, body, redirect, signal, dispatcher });
    const { status } = reply;
    return new Response(copyOf(reply.body), { status, headers: [...reply.headers] });
  };
}

/** The same bytes, as they are asked for. */
function copyOf(body: Reply['body']): ReadableStream<Uint8Array> | null {
  const reader = body?.getReader();
  if (!reader) return null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk: unknown = (await reader.read()).value;
        if (chunk instanceof Uint8Array) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
