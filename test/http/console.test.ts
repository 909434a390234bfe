import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import { serveConsole } from '../../http/console.ts';
import { securityHeaders } from '../../http/security-headers.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

const files = {
  'index.html': '<!doctype html><title>Unanimous</title>',
  assets: { 'index-1a2b3c4d.js': 'export {};', 'index-5e6f7a8b.css': 'body {}' },
};

/** Another server than a node's, as whoever watches a cluster has one. */
async function served(t: Test, there: object, lab = false) {
  const app = fastify();
  t.teardown(() => app.close());
  await serveConsole(app, t.testdir(there as Record<string, string>), lab);
  return app;
}

const policy =
  "default-src 'none'; base-uri 'none'; connect-src 'self'; font-src 'self'; form-action 'none'; " +
  "frame-ancestors 'none'; img-src 'self' data:; script-src 'self'; style-src 'self'";

void t.test('the page is at /console/, under a policy that allows nothing inline', async (t) => {
  const app = await served(t, files);
  const page = await app.inject('/console/');
  t.strictSame([page.statusCode, page.body], [200, files['index.html']]);
  t.match(page.headers['content-type'], /^text\/html/);
  const asEverywhere = { ...(await securityHeaders()), 'content-security-policy': policy };
  t.match(page.headers, asEverywhere);
  const short = await app.inject('/console');
  t.strictSame([short.statusCode, short.headers.location], [302, 'console/']);
  t.match(short.headers, asEverywhere);
});

void t.test('files whose names say what is in them are kept, the page is not', async (t) => {
  const app = await served(t, files);
  for (const [url, type] of [
    ['/console/assets/index-1a2b3c4d.js', /javascript/],
    ['/console/assets/index-5e6f7a8b.css', /^text\/css/],
  ] as const) {
    const { statusCode, headers } = await app.inject(url);
    t.equal(statusCode, 200, url);
    t.match(headers['content-type'], type);
    t.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
  }
  for (const url of ['/console/', '/console/index.html']) {
    const { headers } = await app.inject(url);
    t.equal(headers['cache-control'], 'no-cache', url);
    const again = await app.inject({ url, headers: { 'if-none-match': String(headers.etag) } });
    t.equal(again.statusCode, 304, 'it is asked for, and not sent again');
  }
});

void t.test('the page is told whether there is a lab', async (t) => {
  for (const lab of [false, true]) {
    const app = await served(t, files, lab);
    const { headers, body } = await app.inject('/console/about.json');
    t.strictSame(JSON.parse(body), { lab });
    t.equal(headers['cache-control'], 'no-cache');
    t.equal(headers['content-security-policy'], policy);
  }
});

void t.test('HEAD is answered, and nothing else is there', async (t) => {
  const app = await served(t, { ...files, '.secret': 'x', 'other.txt': 'x' });
  const head = await app.inject({ method: 'HEAD', url: '/console/' });
  t.strictSame([head.statusCode, head.body], [200, '']);
  for (const url of [
    ...['/console/.secret', '/console/nothing.js', '/console/assets', '/console/assets/'],
    ...['/console/../package.json', '/console/%2e%2e/package.json', '/console//index.html'],
  ]) {
    t.equal((await app.inject(url)).statusCode, 404, url);
  }
});

void t.test('what is not built says how it is built', async (t) => {
  const app = await served(t, {});
  for (const url of ['/console', '/console/']) {
    const reply = await app.inject(url);
    t.equal(reply.statusCode, 404);
    t.match(reply.headers['content-type'], 'application/problem+json');
    t.match(reply.json(), { code: 'not-found', detail: /npm run build/, requestId: /./ });
  }
});

void t.test('a coordinator has it for whoever comes, and a participant does not', async (t) => {
  const { app, calls } = await fakeNode(t, 'coordinator', { loopback: false });
  for (const url of ['/console', '/console/']) {
    const reply = await app.inject(url);
    t.equal(reply.headers['content-security-policy'], policy, `${url}, built or not`);
    t.ok(reply.headers['request-id']);
    const posted = await app.inject({ method: 'POST', url });
    t.strictSame([posted.statusCode, posted.headers['allow']], [405, 'GET, HEAD'], url);
    const headers = { host: 'elsewhere.test' };
    t.equal((await app.inject({ url, headers })).json().code, 'wrong-host');
    const framed = { 'sec-fetch-site': 'cross-site' };
    t.equal((await app.inject({ url, headers: framed })).json().code, 'cross-site');
  }
  t.strictSame(calls, []);
  const { app: other } = await fakeNode(t, 'participant');
  for (const method of ['GET', 'POST'] as const) {
    t.equal((await other.inject({ method, url: '/console' })).statusCode, 404);
  }
});
