/** Lists over all their pages. */
import t from 'tap';
import { connect, connectParticipant } from '../../../client/sdk/index.ts';
import { thrown } from '../../fixtures/api-error.ts';
import { committed, fakeCoordinator, json } from '../../fixtures/fake-coordinator.ts';

const page = (data: unknown[], nextCursor: string | null) =>
  json(200, { data, page: { nextCursor } });

const named = (n: number) => ({ ...committed, id: `k3f9q2ma-1-${n}` });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

void t.test('a list is every item of every page, with the same filter', async (t) => {
  const { url, seen } = await fakeCoordinator(
    t,
    page([named(3), named(2)], 'c/1'),
    page([], 'c2'),
    page([named(1)], null),
  );
  const filter = { state: 'committed', account: 'bank-a/alice', pageSize: 2 } as const;
  const found = await all(connect(url).transfers(filter));
  t.strictSame(found, [named(3), named(2), named(1)]);
  const first = '/transfers?state=committed&account=bank-a%2Falice&limit=2';
  t.strictSame(
    seen.map((one) => one.url),
    [first, `${first}&cursor=c%2F1`, `${first}&cursor=c2`],
  );
});

void t.test('a page is asked for only when it is wanted', async (t) => {
  const { url, seen } = await fakeCoordinator(t, page([named(2)], 'more'), page([named(1)], null));
  const transfers = connect(url).transfers();
  t.equal(seen.length, 0);
  for await (const { id } of transfers) {
    t.equal(id, named(2).id);
    break;
  }
  t.equal(seen.length, 1);
  t.equal(seen[0]?.url, '/transfers?limit=100');
});

void t.test('a list that goes in a circle, or is none, ends with an error', async (t) => {
  const circle = await fakeCoordinator(t, page([named(1)], 'again'));
  t.match(await thrown(all(connect(circle.url).transfers())), { code: 'not-unanimous' });
  t.equal(circle.seen.length, 2);
  const lists = [json(200, {}), page([{ id: 'x' }], null), json(200, { data: [], page: null })];
  for (const answer of lists) {
    const { url } = await fakeCoordinator(t, answer);
    t.match(await thrown(all(connect(url).transfers())), { code: 'not-unanimous' });
    t.match(await thrown(all(connect(url).participants())), { code: 'not-unanimous' });
    t.match(await thrown(all(connectParticipant(url).accounts())), { code: 'not-unanimous' });
    t.match(await thrown(all(connectParticipant(url).branches())), { code: 'not-unanimous' });
  }
});

void t.test('an abort ends a list between two pages', async (t) => {
  const { url, seen } = await fakeCoordinator(t, page([named(2)], 'more'), page([named(1)], null));
  const ending = new AbortController();
  const reason = new Error('enough');
  const reading = async () => {
    for await (const transfer of connect(url).transfers({}, ending)) {
      t.equal(transfer.id, named(2).id);
      ending.abort(reason);
    }
  };
  await t.rejects(reading(), reason);
  t.equal(seen.length, 1);
});

void t.test('where a list ends as the rest was moved elsewhere, that is told', async (t) => {
  const archivedTo = '/archive/node';
  const last = json(200, { data: [], page: { nextCursor: null, archivedTo } });
  const { url } = await fakeCoordinator(t, page([named(1)], 'more'), last, last);
  const told: string[] = [];
  const options = { onArchived: (folder: string) => told.push(folder) };
  t.strictSame(await all(connect(url).transfers({}, options)), [named(1)]);
  t.strictSame(told, [archivedTo]);
  t.strictSame(await all(connectParticipant(url).entries('alice', options)), []);
  t.strictSame(told, [archivedTo, archivedTo], 'once for each list');
});
