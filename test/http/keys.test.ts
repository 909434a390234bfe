import t from 'tap';
import {
  formatKeys,
  keyRoles,
  keySetOf,
  KeysError,
  makeKeys,
  parseKeys,
  retireKeys,
  rotateKeys,
  sentKeys,
} from '../../http/keys.ts';

const file = 'data/keys.json';

void t.test('made keys are 256 random bits each, and can be read back', (t) => {
  const keys = makeKeys();
  t.equal(new Set(Object.values({ ...keys, ...makeKeys() })).size, 4);
  for (const role of keyRoles) t.match(keys[role], /^[A-Za-z0-9_-]{43}$/);
  t.strictSame(sentKeys(parseKeys(JSON.stringify(keys), file)), keys);
  t.strictSame(parseKeys(formatKeys(keys), file), keySetOf(keys));
  t.not(makeKeys().client, keys.client);
  t.end();
});

void t.test('a role may have two keys in a list, of which the first is sent', (t) => {
  const [keys, more] = [makeKeys(), makeKeys()];
  const text = JSON.stringify({ ...keys, client: [more.client, keys.client] });
  const read = parseKeys(text, file);
  t.strictSame(read, { ...keySetOf(keys), client: [more.client, keys.client] });
  t.strictSame(sentKeys(read), { ...keys, client: more.client });
  t.strictSame(parseKeys(formatKeys(read), file), read, 'and is written so that it can be read');
  t.end();
});

void t.test('a rotation gives a new key to the roles that are named, and takes it back', (t) => {
  const before = keySetOf(makeKeys());
  const both = rotateKeys(before, ['client', 'operator'], file);
  for (const role of ['client', 'operator'] as const) {
    const [first, second, ...more] = both[role];
    t.strictSame([second, ...more], before[role]);
    t.match(first, /^[A-Za-z0-9_-]{43}$/);
    t.not(first, second);
  }
  t.strictSame([both.coordinator, both.participant], [before.coordinator, before.participant]);
  const { message } = new KeysError('"operator" has 2 keys already; take the second one out first');
  t.throws(() => rotateKeys(both, ['participant', 'operator'], file), { message });
  const after = retireKeys(both, keyRoles, file);
  t.strictSame(after, keySetOf(sentKeys(both)));
  t.strictSame(retireKeys(both, ['client'], file).operator, both.operator, 'only of one role');
  t.throws(() => retireKeys(both, ['coordinator'], file), /no second key of "coordinator"/);
  t.throws(() => retireKeys(after, keyRoles, file), /no second key of "client", "coordinator"/);
  t.end();
});

void t.test('a bad file is refused with its name, the role and the way out', (t) => {
  const keys = makeKeys();
  const { coordinator, participant, operator } = keys;
  const clientless = { coordinator, participant, operator };
  const three = [makeKeys().client, makeKeys().client, makeKeys().client];
  const refused: [unknown, RegExp][] = [
    [[], /^data\/keys\.json must be a JSON object .*unanimous keygen$/],
    [null, /^data\/keys\.json must be a JSON object/],
    [clientless, /^data\/keys\.json has no key for "client".*unanimous keygen$/],
    [{ ...keys, admin: 'x' }, /^data\/keys\.json has unknown roles: "admin"/],
    [{ ...keys, operator: 'short' }, /^data\/keys\.json: the key of "operator" must be 32/],
    [{ ...keys, operator: 7 }, /the key of "operator"/],
    [{ ...keys, operator: `${'x'.repeat(40)}\n` }, /the key of "operator"/],
    [{ ...keys, operator: [] }, /the key of "operator"/],
    [{ ...keys, operator: [operator, 7] }, /the key of "operator"/],
    [{ ...keys, operator: [[operator]] }, /the key of "operator"/],
    [
      { ...keys, client: three },
      /"client" has 3 keys, and may have one, or 2 while they are rotat/,
    ],
    [{ ...keys, operator: keys.client }, /"client" and "operator" share one key/],
    [{ ...keys, operator: [operator, keys.client] }, /"client" and "operator" share one key/],
    [{ ...keys, operator: [operator, operator] }, /"operator" has one key twice/],
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

void t.test('no message has a key, whatever stands where', (t) => {
  const { client, ...others } = makeKeys();
  const wrong = [
    { [client]: 'client', ...others },
    { client: [client, client], ...others },
    client,
  ];
  for (const content of wrong) {
    for (const text of [JSON.stringify(content), `${JSON.stringify(content)},`]) {
      try {
        parseKeys(text, file);
        t.fail('it is refused');
      } catch (error) {
        t.ok(error instanceof KeysError && !error.message.includes(client), String(error));
      }
    }
  }
  t.end();
});
