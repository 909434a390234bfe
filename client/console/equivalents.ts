/** How to do from elsewhere what the page has done. */
import type { TransferRequest } from '../sdk/index.ts';

/** A transfer as it was sent. */
export interface Sent {
  readonly origin: string;
  readonly request: TransferRequest;
  readonly idempotencyKey: string;
  /** Clients need a key there. It is never shown: a variable stands for it. */
  readonly keyed: boolean;
}

/** A command for a POSIX shell. */
export function curlOf({ origin, request, idempotencyKey, keyed }: Sent): string {
  return [
    `curl ${quoted(`${origin}/transfers`)}`,
    `-H 'Content-Type: application/json'`,
    `-H ${quoted(`Idempotency-Key: ${idempotencyKey}`)}`,
    ...(keyed ? ['-H "Authorization: Bearer $UNANIMOUS_KEY"'] : []),
    `-d ${quoted(JSON.stringify(request))}`,
  ].join(' \\\n  ');
}

/** Lines of TypeScript. */
export function sdkOf({ origin, request, idempotencyKey, keyed }: Sent): string {
  const options = keyed ? ', { key: clientKey }' : '';
  return [
    `import { connect } from 'unanimous';`,
    '',
    `const unanimous = connect(${JSON.stringify(origin)}${options});`,
    'const outcome = await unanimous.transfer(',
    `  ${JSON.stringify(request)},`,
    `  { idempotencyKey: ${JSON.stringify(idempotencyKey)} },`,
    ');',
  ].join('\n');
}

/** One word for a shell, whatever is in it. */
const quoted = (text: string) => `'${text.replaceAll(`'`, `'\\''`)}'`;
