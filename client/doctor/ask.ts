/** Questions to other nodes that need no key, over http and https. */
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { reasonOf } from './check.ts';

/** How long another node may take to answer. Milliseconds. */
const patienceMs = 3_000;

/** The longest answer that is read: the document of a node is the largest. Bytes. */
const mostBytes = 4 * 1024 * 1024;

/** Whom this machine believes, and who it is; texts in PEM. */
export interface Trust {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What a node has said. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** By how much its clock is ahead of ours, in milliseconds; undefined if it does not say. */
  readonly ahead: number | undefined;
}

/** @throws {Error} whose message says why there is no usable answer */
export function ask(url: string, trust: Trust = {}): Promise<Answer> {
  const signal = AbortSignal.timeout(patienceMs);
  // Nodes know each other by what is in their certificates, not by their host: no secret is sent.
  const secure = {
    ...trust,
    ...(trust.ca !== undefined && { checkServerIdentity: () => undefined }),
  };
  const request = url.startsWith('https:') ? overHttps : overHttp;
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...secure, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) asked.destroy(new Error(`more than ${mostBytes} bytes came`));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const date = Date.parse(response.headers.date ?? '');
        const ahead = Number.isNaN(date) ? undefined : date - Date.now();
        try {
          const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
          const isObject = typeof body === 'object' && body !== null;
          resolve({ status: response.statusCode ?? 0, body: isObject ? { ...body } : {}, ahead });
        } catch (error) {
          reject(new Error(`what came is no JSON: ${reasonOf(error)}`));
        }
      });
    });
    asked.on('error', (error) => {
      reject(signal.aborted ? new Error(`no answer within ${patienceMs} ms`) : error);
    });
    asked.end();
  });
}
