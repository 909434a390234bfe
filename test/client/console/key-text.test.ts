import t from 'tap';
import { badKey } from '../../../client/console/key-text.ts';

void t.test('a key is what a header can carry', async (t) => {
  for (const key of ['', 'sesame', '~!x9-_']) t.equal(badKey(key), undefined);
  for (const key of ['two words', 'Schlüssel', 'a\tb']) t.type(badKey(key), 'string');
});
