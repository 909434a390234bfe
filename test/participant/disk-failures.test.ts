import t from 'tap';
import { failEach, failing } from '../fixtures/disk-failures.ts';
import { SharedServers } from '../fixtures/shared-servers.ts';
import { failEachStart } from '../fixtures/start-failures.ts';

const servers = new SharedServers(t);

for (const operation of failing) {
  void t.test(`a participant survives a failure of any ${operation} of its disk`, async (t) => {
    let failed = 0;
    for (const name of ['bank-a', 'bank-b'] as const) {
      failed += await failEach(t, servers, name, operation);
    }
    t.ok(failed >= 10, `${failed} operations failed`);
    t.comment(`${failed} operations failed`);
  });
}

void t.test('a participant whose disk fails while it starts does so the next time', async (t) => {
  for (const isFirst of [true, false]) {
    const failed = await failEachStart(t, servers, 'bank-b', isFirst);
    t.ok(failed >= 8, `${failed} operations failed`);
    t.comment(`${failed} operations failed`);
  }
});
