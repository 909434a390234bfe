import { readFileSync } from 'node:fs';
import t from 'tap';
import { postmanFiles } from '../../../client/postman/collection.ts';
import { readContract } from '../../../http/contract.ts';
import { contracts } from '../../fixtures/contract.ts';
import { items, postmanFile, script } from '../../fixtures/postman.ts';

const wayOut = 'if it is not, run `npm run generate`';

void t.test('the collection and the environment are what the contract gives', async (t) => {
  for (const [name, text] of postmanFiles()) {
    t.ok(readFileSync(postmanFile(name), 'utf8') === text, `${name} is fresh; ${wayOut}`);
    t.ok(postmanFiles().get(name) === text, `${name} is the same each time`);
  }
});

void t.test('every operation but the event streams has a request on each of its nodes', (t) => {
  const sent = new Set(
    items.map(
      ({ request: { method, url } }) => `${method} ${[...url.host, ...url.path].join('/')}`,
    ),
  );
  for (const node of ['coordinator', 'participant'] as const) {
    const { operations, reply } = contracts[node];
    for (const { operationId, method, path } of operations.values()) {
      const stream = reply(operationId, 200)?.contentType === 'text/event-stream';
      const request = `${method} {{${node}}}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      t.equal(sent.has(request), !stream, `${operationId} is there as ${request}; ${wayOut}`);
    }
  }
  t.end();
});

void t.test('every request tests its status, and every JSON body its schema', (t) => {
  for (const item of items) {
    t.match(script(item, 'test'), /pm\.response\.to\.have\.status\(\d{3}\)/, item.name);
    // Metrics are text.
    const isText = item.request.url.path.at(-1) === 'metrics' && item.request.method === 'GET';
    const isJson = /pm\.response\.to\.have\.jsonSchema/.test(script(item, 'test'));
    t.equal(isJson, !isText, item.name);
  }
  t.equal(new Set(items.map(({ name }) => name)).size, items.length, 'each has its own name');
  const paths = new Set(
    items.map(({ request: { url, method } }) => `${method} ${url.path.join('/')}`),
  );
  const explained = items.filter(({ request }) => request.description !== undefined);
  t.ok(explained.length >= paths.size, 'and one of each operation explains it');
  t.end();
});

/** Postman checks by draft 7: it passes over newer keywords, and over all that is beside a $ref. */
const passedOver = new Set([
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  'contentSchema',
  'dependentRequired',
  'dependentSchemas',
  'maxContains',
  'minContains',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
]);

void t.test('the schemas say nothing that Postman would pass over', (t) => {
  const found: string[] = [];
  const visit = (value: unknown, at: string) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (passedOver.has(name)) found.push(`${at}/${name}`);
      if ('$ref' in value && !['$ref', 'description'].includes(name)) found.push(`${at}/${name}`);
      visit(part, `${at}/${name}`);
    }
  };
  const { components } = readContract() as { components: { schemas: object } };
  visit(components.schemas, '');
  t.strictSame(found, []);
  t.end();
});
