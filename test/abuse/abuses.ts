/** What somebody who means harm sends, and what a node may answer. */
import { gzipSync } from 'node:zlib';

/** A status, or `closed`: the connection ended without an answer. */
export type Answered = string;

export interface Abuse {
  readonly name: string;
  readonly right: readonly Answered[];
  /** The requests, one for each connection, in turn; sent as they are. */
  readonly requests: readonly Buffer[];
  /** Its bytes come one at a time, as slowly as they can, and have no end. */
  readonly drips?: true;
  /** It is about many connections, more than about what is sent. */
  readonly isMany?: true;
}

const host = 'Host: localhost\r\n';
const json = 'Content-Type: application/json\r\n';
const good = '{"from":"bank-a/main","to":"bank-b/main","amount":1,"currency":"USD"}';

const get = (path: string, headers = '') =>
  Buffer.from(`GET ${path} HTTP/1.1\r\n${host}${headers}\r\n`, 'latin1');

/** A POST with this body; other headers of it only if it is told. */
function post(body: string | Buffer, headers = json, path = '/transfers'): Buffer {
  const bytes = Buffer.from(body as string);
  const head = `POST ${path} HTTP/1.1\r\n${host}${headers}Content-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

/** The same without a length: what frames the body is in the headers. */
const framed = (headers: string, body: string) =>
  Buffer.from(`POST /transfers HTTP/1.1\r\n${host}${json}${headers}\r\n${body}`, 'latin1');

const withField = (name: string, value: string) => good.replace('{', `{"${name}":${value},`);

const depth = 10_000;
const odd = ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'a/b;c', '{}'];
const tricks = ['..%2f..%2fhealth%2flive', '%00', '%2e%2e', '..;/x', 'a'.repeat(5_000), '%zz'];
const escapes = '\\u001b[2J\\n{\\"level\\":60,\\"msg\\":\\"forged\\"}';

export const abuses: readonly Abuse[] = [
  {
    name: 'slow headers',
    right: ['408'],
    requests: [Buffer.from(`GET /transfers HTTP/1.1\r\n${host}`)],
    drips: true,
  },
  {
    name: 'slow bodies',
    right: ['408'],
    requests: [framed('Content-Length: 1000000\r\n', '{"from":"')],
    drips: true,
  },
  { name: 'idle sockets', right: ['408', 'closed'], requests: [Buffer.alloc(0)], isMany: true },
  // Whoever is told while it still sends may find the connection closed instead.
  {
    name: 'large bodies',
    right: ['413', 'closed'],
    requests: [post(`"${'x'.repeat(2 * 1024 * 1024)}"`)],
  },
  {
    name: 'packed bodies',
    right: ['415'],
    requests: [
      post(gzipSync(Buffer.alloc(64 * 1024 * 1024)), `${json}Content-Encoding: gzip\r\n`),
      post(good, `${json}Content-Encoding: br\r\n`),
    ],
  },
  {
    name: 'deep JSON',
    right: ['400'],
    requests: [
      post('['.repeat(depth) + ']'.repeat(depth)),
      post('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)),
      post(withField('metadata', '['.repeat(depth) + ']'.repeat(depth))),
      post('['.repeat(500_000)),
    ],
  },
  {
    name: 'names that come twice',
    right: ['400'],
    requests: [post(withField('amount', '2')), post(withField('\\u0061mount', '2'))],
  },
  {
    name: 'prototypes',
    right: ['400'],
    requests: [
      ...['__proto__', 'constructor'].map((one) => post(withField(one, '{"prototype":{"a":1}}'))),
      get('/transfers?__proto__[a]=1'),
      get('/transfers?constructor.prototype.a=1'),
    ],
  },
  {
    name: 'bytes that are not UTF-8',
    right: ['400'],
    requests: [
      post(Buffer.concat([Buffer.from('{"from":"'), Buffer.from([0xc3, 0x28, 0xff, 0x22])])),
      post(Buffer.from([0xed, 0xa0, 0x80])),
    ],
  },
  {
    name: 'two lengths',
    right: ['400'],
    requests: [
      framed(`Content-Length: ${good.length}\r\nTransfer-Encoding: chunked\r\n`, '0\r\n\r\n'),
      framed('Content-Length: 1\r\nContent-Length: 2\r\n', '{}'),
      framed('Content-Length: +2\r\n', '{}'),
      framed('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
      framed('Transfer-Encoding: chunked\r\n', 'zz\r\n\r\n'),
      framed('Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n', '{}'),
    ],
  },
  {
    name: 'headers that are not',
    right: ['400'],
    requests: [
      get('/transfers', 'X : 1\r\n'),
      get('/transfers', 'X: a\0b\r\n'),
      get('/transfers', ' X: 1\r\n'),
      get('/transfers', 'X: a\r\n b\r\n'),
      Buffer.from(`GET /transfers HTTP/1.1\n${host}\n`),
      Buffer.from('GET /transfers HTTP/1.1\r\n\r\n'),
    ],
  },
  {
    name: 'large headers',
    right: ['431'],
    requests: [get('/transfers', `X: ${'x'.repeat(20_000)}\r\n`), get(`/${'x'.repeat(20_000)}`)],
  },
  {
    name: 'other types of body',
    right: ['415'],
    requests: [
      ...odd.map((type) => post(good, `Content-Type: ${type}\r\n`)),
      post(good, ''),
      post('', 'Content-Type: text/plain\r\n', '/transfers/k3f9q2ma-1-1/cancel'),
    ],
  },
  {
    name: 'paths that lead elsewhere',
    right: ['400', '404'],
    requests: [
      ...tricks.map((trick) => get(`/transfers/${trick}`)),
      ...['//', '/transfers//', '//transfers', '/docs/static/..%2f..%2f..%2fpackage.json'].map(
        (path) => get(path),
      ),
      get('/docs/static/../../../../package.json'),
    ],
  },
  {
    name: 'lines for the log',
    right: ['400', '401', '404', '415'],
    requests: [
      get('/transfers/%0a%1b[2J{"level":60}', 'User-Agent: \x1b[31mred\r\n'),
      get('/%0d%0aX: 1', 'Request-Id: \x1b[31m\r\n'),
      get('/transfers', 'Authorization: Bearer {"level":60}\\n\x1b[2J\r\n'),
      post(good, `${json}Idempotency-Key: \x1b]0;forged\x07\r\n`),
      post(withField('reference', `"${escapes}"`).replace('bank-a', escapes)),
      post(good, 'Content-Type: \x1b[31m\r\n'),
    ],
  },
  {
    name: 'pages elsewhere',
    right: ['403', '421'],
    requests: [
      post(good, `${json}Origin: https://shop.example\r\n`),
      post(good, `${json}Sec-Fetch-Site: cross-site\r\n`),
      get('/events', 'Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors\r\n'),
      Buffer.from('GET /transfers HTTP/1.1\r\nHost: shop.example\r\n\r\n'),
      get('http://shop.example/transfers'),
    ],
  },
  {
    name: 'wrong keys',
    right: ['401', '429'],
    requests: [get('/transfers', `Authorization: Bearer ${'x'.repeat(43)}\r\n`)],
  },
  {
    name: 'ids that never were',
    right: ['404', '503'],
    // The store of a coordinator of the scenarios' clusters.
    requests: [
      get('/transfers/coordina-1-999999999'),
      get('/transfers/coordina-1-888888888/timeline'),
    ],
  },
];
