import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import ts from 'typescript';
import { curlOf, sdkOf } from '../../../client/console/equivalents.ts';

const sent = {
  origin: 'http://127.0.0.1:7700',
  request: {
    from: 'bank-a/alice',
    to: 'bank-b/bob',
    amount: 2500,
    currency: 'USD',
    reference: `it's $(echo bad) \`x\` "y" \\`,
  },
  idempotencyKey: '0b2f6a1e',
  keyed: false,
} as const;

/** The words that a shell makes of a command. */
async function wordsOf(command: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    `UNANIMOUS_KEY=sesame; printf '%s\\0' ${command}`,
  ]);
  return stdout.split('\0').slice(0, -1);
}

void t.test('a shell makes of the curl line exactly the request, whatever is in it', async (t) => {
  t.strictSame(await wordsOf(curlOf(sent)), [
    'curl',
    'http://127.0.0.1:7700/transfers',
    '-H',
    'Content-Type: application/json',
    '-H',
    'Idempotency-Key: 0b2f6a1e',
    '-d',
    JSON.stringify(sent.request),
  ]);
});

void t.test('a key is shown as a variable that holds it', async (t) => {
  const keyed = { ...sent, keyed: true };
  t.ok((await wordsOf(curlOf(keyed))).includes('Authorization: Bearer sesame'));
  t.match(sdkOf(keyed), '{ key: clientKey }');
  t.notMatch(sdkOf(sent), 'clientKey');
});

void t.test('the lines for the client library are TypeScript that sends the request', async (t) => {
  const { diagnostics } = ts.transpileModule(sdkOf(sent), { reportDiagnostics: true });
  t.strictSame(diagnostics, []);
  t.ok(sdkOf(sent).includes(JSON.stringify(sent.request)));
  t.match(sdkOf(sent), 'idempotencyKey: "0b2f6a1e"');
});
