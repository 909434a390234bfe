import t from 'tap';
import { KeysError, makeKeys, parseKeys, roleOf, type KeyRole } from '../../http/keys.ts';

const roles: readonly KeyRole[] = ['client', 'coordinator', 'participant', 'operator'];
const file = 'data/keys.json';

void t.test('made keys are 256 random bits each, and can be read back', (t) => {
  const keys = makeKeys();
  t.equal(new Set(Object.values({ ...keys, ...makeKeys() })).size, 4);
  for (const role of roles) t.match(keys[role], /^[A-Za-z0-9_-]{43}$/);
  t.same(parseKeys(JSON.stringify(keys), file), keys);
  t.not(makeKeys().client, keys.client);
  t.end();
});

void t.test('a token has the role whose key it is', (t) => {
  const keys = makeKeys();
  for (const role of roles) t.equal(roleOf(keys, keys[role]), role);
  for (const wrong of ['', 'x', keys.client.slice(1), `${keys.client} `]) {
    t.equal(roleOf(keys, wrong), null, wrong);
  }
  t.equal(roleOf(makeKeys(), keys.client), null, 'a key of another node');
  t.end();
});

void t.test('a bad file is refused with its name, the role and the way out', (t) => {
  const keys = makeKeys();
  const { coordinator, participant, operator } = keys;
  const clientless = { coordinator, participant, operator };
  const refused: [unknown, RegExp][] = [
    [[], /^data\/keys\.json must be a JSON object .*unanimous keygen$/],
    [null, /^data\/keys\.json must be a JSON object/],
    [clientless, /^data\/keys\.json has no key for "client".*unanimous keygen$/],
    [{ ...keys, admin: 'x' }, /^data\/keys\.json has unknown roles: "admin"/],
    [{ ...keys, operator: 'short' }, /^data\/keys\.json: the key of "operator" must be 32/],
    [{ ...keys, operator: 7 }, /the key of "operator"/],
    [{ ...keys, operator: `${'x'.repeat(40)}\n` }, /the key of "operator"/],
    [{ ...keys, operator: keys.client }, /"client" and "operator" share one key/],
  ];
  for (const [content, message] of refused) {
    t.throws(() => parseKeys(JSON.stringify(content), file), { message, name: 'KeysError' });
  }
  t.throws(
    () => parseKeys('{', file),
    new KeysError(`${file} is not JSON; make a new file with: unanimous keygen`),
  );
  t.end();
});
