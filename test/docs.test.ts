/** Swagger UI's "Try it out" on both nodes: every client operation, and in a real browser. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { NodeRole } from '../http/contract.ts';
import { noBrowser, openBrowser, openPage } from './fixtures/browser.ts';
import { call, startCluster, type Parsed } from './fixtures/cluster.ts';
import { checkReply } from './fixtures/contract.ts';
import { introduced, startUp } from './fixtures/up.ts';

const clientTags = ['transfers', 'participants', 'accounts', 'operations'];

/** What the page sends for each client operation and example, if nothing is changed on it. */
function filledIn(document: Parsed, address: string) {
  const follow = (value: Parsed): Parsed => {
    if (value.$ref === undefined) return value;
    const path: string[] = value.$ref.split('/').slice(1);
    return follow(path.reduce((at: Parsed, part) => at[part], document));
  };
  return Object.entries<Parsed>(document.paths).flatMap(([path, { parameters: all, ...methods }]) =>
    Object.entries<Parsed>(methods)
      .filter(([, { tags }]) => clientTags.includes(tags[0]))
      // What only operators may do always needs their key.
      .filter(([, item]) => item['x-open-on-loopback'] || item.security.length === 0)
      .flatMap(([method, { operationId, parameters = [], requestBody }]) => {
        let filled = path;
        const url = new URL(address);
        const headers = new Headers();
        for (const { name, in: place, example, schema } of [...all, ...parameters].map(follow)) {
          const value = example ?? follow(schema).default;
          if (place === 'path') filled = filled.replace(`{${name}}`, value);
          else if (value === undefined) continue;
          else if (place === 'query') url.searchParams.set(name, value);
          else headers.set(name, value);
        }
        url.pathname = filled;
        const request = { operationId: String(operationId), method, url, headers };
        if (!requestBody) return [{ ...request, title: operationId }];
        headers.set('content-type', 'application/json');
        const examples = Object.entries<Parsed>(requestBody.content['application/json'].examples);
        return examples.map(([name, { value }]) => {
          return { ...request, title: `${operationId} ${name}`, body: JSON.stringify(value) };
        });
      }),
  );
}

/** Loads the document anew for each request, as a person does who opens the page for it. */
async function tryAll(t: Test, role: NodeRole, address: string) {
  const load = async () => filledIn((await call('GET', `${address}/openapi.json`)).body, address);
  const { length } = await load();
  for (let at = 0; at < length; at += 1) {
    const request = (await load())[at];
    if (!request) throw new Error('the document has become shorter');
    const { operationId, title, url, ...init } = request;
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    const reply = {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
    // What is filled in names a transfer that exists, so it is decided.
    const expected = operationId === 'cancelTransfer' ? response.status === 409 : response.ok;
    t.ok(expected, `${title}: ${reply.statusCode} ${reply.body}`);
    if (operationId === 'streamEvents') t.match(reply.body, /^event: decided$/m);
    else checkReply(t, role, operationId, reply);
  }
  return length;
}

void t.test('every client operation and example works as it is filled in', async (t) => {
  const { coordinator, participants } = await startCluster(t, { participants: ['shop', 'till'] });
  t.equal(await tryAll(t, 'coordinator', coordinator.address), 25);
  for (const { address } of participants.values()) {
    t.equal(await tryAll(t, 'participant', address), 14);
  }
});

/** The box of one operation on the page, by its summary; opened. */
async function open(page: Page, summary: string) {
  const box = page.locator('.opblock', { has: page.getByText(summary, { exact: true }) });
  await box.locator('.opblock-summary-control').click();
  return box;
}

type Box = Awaited<ReturnType<typeof open>>;

/** Presses Execute and reads the answer off the page. */
async function execute(box: Box, status: number): Promise<Parsed> {
  return JSON.parse(await executeAsText(box, status));
}

async function executeAsText(box: Box, status: number): Promise<string> {
  await box.getByRole('button', { name: 'Execute' }).click();
  const line = box.page().locator('.response-col_status', { hasText: new RegExp(`^${status}`) });
  const answer = box.locator('.live-responses-table .response', { has: line });
  return answer.locator('.highlight-code code').first().innerText();
}

void t.test('in a browser', { skip: noBrowser }, async (t) => {
  const browser = await openBrowser(t);

  await t.test('a transfer is made and followed on both nodes as filled in', async (t) => {
    const { said } = startUp(t, join(t.testdir(), 'data'));
    const nodes = await introduced(said);
    const at = (name: string) => `${nodes.get(name)?.address ?? ''}/docs`;

    const coordinator = await openPage(browser, at('coordinator'));
    const transfer = await execute(await open(coordinator.page, 'Make a transfer'), 201);
    t.match(transfer, { state: 'committed', legs: [{ from: 'bank-a/alice', amount: 2_500 }] });

    const events = await executeAsText(await open(coordinator.page, 'Follow what happens'), 200);
    t.match(events, /^event: decided$/m, 'a stream is shown when it ends');

    const bank = await openPage(browser, at('bank-a'));
    const alice = await execute(await open(bank.page, 'Read an account'), 200);
    t.match(alice, { id: 'alice', posted: 97_500 }, 'the new balance');
    const summary = "Read this participant's part of a transfer";
    const branch = await execute(await open(bank.page, summary), 200);
    t.match(branch, { id: transfer.id, state: 'committed', legs: [{ amount: -2_500 }] });
    const opened = await execute(await open(bank.page, 'Open an account'), 201);
    t.match(opened, { id: 'carol', posted: 100_000 });

    t.strictSame([...coordinator.trouble, ...bank.trouble], [], 'nothing is amiss on the pages');
  });

  await t.test('where a key is needed, it is entered by Authorize', async (t) => {
    const cluster = await startCluster(t, {
      coordinatorFlags: ['--require-keys'],
      participantFlags: ['--require-keys'],
    });
    const { keys } = cluster;
    const operator = { authorization: `Bearer ${keys.operator}` };
    for (const [name, id] of [
      ['bank-a', 'alice'],
      ['bank-b', 'bob'],
    ] as const) {
      const account = { id, currency: 'USD', balance: 100_000 };
      const { address } = cluster.node(name);
      t.equal((await call('POST', `${address}/accounts`, account, operator)).status, 201);
    }
    const { page, trouble } = await openPage(browser, `${cluster.coordinator.address}/docs`);
    const transfer = await open(page, 'Make a transfer');
    t.match(await execute(transfer, 401), { code: 'unauthenticated' });
    t.match(trouble.splice(0), [/status of 401/], 'which the browser reports');
    await page.getByRole('button', { name: 'Authorize' }).click();
    for (const role of ['client', 'participant'] as const) {
      const form = page.locator('.modal-ux form', { hasText: `${role}  (http, Bearer)` });
      await form.locator('input').fill(keys[role]);
      await form.getByText('Authorize', { exact: true }).click();
    }
    await page.getByText('Close', { exact: true }).first().click();
    const made = await execute(transfer, 201);
    t.match(made, { state: 'committed' });
    const decision = await open(page, 'Ask what was decided');
    await decision.getByPlaceholder('id', { exact: true }).fill(made.id);
    t.match(await execute(decision, 200), { state: 'committed' }, 'the protocol, with its own key');
    t.strictSame(trouble, []);
  });
});
