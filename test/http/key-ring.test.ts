import t from 'tap';
import { KeyRing } from '../../http/key-ring.ts';
import { keyRoles, keySetOf, makeKeys, rotateKeys } from '../../http/keys.ts';

void t.test('a token has the role whose key it is', (t) => {
  const keys = makeKeys();
  const ring = new KeyRing(keys);
  for (const role of keyRoles) t.equal(ring.roleOf(keys[role]), role);
  for (const wrong of ['', 'x', keys.client.slice(1), `${keys.client} `]) {
    t.equal(ring.roleOf(wrong), null, wrong);
  }
  t.equal(new KeyRing(makeKeys()).roleOf(keys.client), null, 'a key of another node');
  t.end();
});

void t.test('while keys are rotated both are taken, and the first is sent first', (t) => {
  const before = keySetOf(makeKeys());
  const both = rotateKeys(before, keyRoles, 'keys.json');
  const ring = new KeyRing(both);
  for (const role of keyRoles) {
    t.equal(ring.roleOf(both[role][0]), role, 'the new one');
    t.equal(ring.roleOf(before[role][0]), role, 'the one before');
    t.strictSame(ring.sent(role), [both[role][0], before[role][0]]);
  }
  t.strictSame(ring.count(), { client: 2, coordinator: 2, participant: 2, operator: 2 });
  t.end();
});

void t.test('keys that are replaced count no more, and whoever listens is told', (t) => {
  const [before, after] = [makeKeys(), makeKeys()];
  const ring = new KeyRing(before);
  let told = 0;
  const forget = ring.onReplaced(() => (told += 1));
  ring.replace(keySetOf(after));
  t.equal(ring.roleOf(before.client), null);
  t.equal(ring.roleOf(after.client), 'client');
  t.strictSame(ring.sent('participant'), [after.participant]);
  t.equal(told, 1);
  forget();
  ring.replace(keySetOf(makeKeys()));
  t.equal(told, 1, 'who has left is not told');
  t.end();
});
