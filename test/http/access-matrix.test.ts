/** Every operation, called with every credential, wherever a node listens. */
import t from 'tap';
import type { NodeRole } from '../../http/contract.ts';
import { KeyRing } from '../../http/key-ring.ts';
import { keyRoles, makeKeys, type KeyRole, type KeySet } from '../../http/keys.ts';
import { accessTable, type AccessRow } from '../fixtures/access-table.ts';
import { checkReply, contracts } from '../fixtures/contract.ts';
import { exampleRequest } from '../fixtures/example-request.ts';
import { fakeNode } from '../fixtures/fake-node.ts';

const [revoked, old, current] = [makeKeys(), makeKeys(), makeKeys()];
const second = (role: KeyRole) => [current[role], old[role]] as const;
const rotated: KeySet = {
  client: second('client'),
  coordinator: second('coordinator'),
  participant: second('participant'),
  operator: second('operator'),
};

/** What a caller shows. Whoever shows something else than a key is one more line of the list. */
interface Credential {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whom the node takes the caller for. */
  readonly as: KeyRole | 'nobody' | 'a stranger';
}

const bearing = (name: string, key: string, as: Credential['as']): Credential => {
  return { name, headers: { authorization: `Bearer ${key}` }, as };
};

/** What is valid before the keys are rotated, and revoked by that. */
const formerly = keyRoles.map((role) => bearing(`the ${role}'s key`, revoked[role], role));

const malformed = [
  current.operator,
  'Bearer',
  'Bearer ',
  `Basic ${current.operator}`,
  `Bearer: ${current.operator}`,
  `Bearer ${current.operator} ${current.operator}`,
  `Bearer ${current.operator}, Bearer ${current.operator}`,
  `Bearer "${current.operator}"`,
  `Bearer ${current.operator}é`,
];

const credentials: readonly Credential[] = [
  { name: 'no key', headers: {}, as: 'nobody' },
  ...keyRoles.map((role) => bearing(`the ${role}'s key`, current[role], role)),
  ...keyRoles.map((role) => bearing(`the ${role}'s second key`, old[role], role)),
  ...keyRoles.map((role) => bearing(`a revoked ${role}'s key`, revoked[role], 'a stranger')),
  bearing('a key of another cluster', makeKeys().operator, 'a stranger'),
  bearing('the beginning of a key', current.operator.slice(0, -1), 'a stranger'),
  bearing('more than a key', `${current.operator}x`, 'a stranger'),
  ...malformed.map((authorization): Credential => {
    const name = authorization.replaceAll(current.operator, '<key>');
    return { name: `malformed: ${name}`, headers: { authorization }, as: 'a stranger' };
  }),
];

const places = {
  'on loopback': { loopback: true, isAsked: true },
  'where every client needs a key': { loopback: false, isAsked: true },
  'with --insecure, on loopback': { loopback: true, isAsked: false },
  'with --insecure, elsewhere': { loopback: false, isAsked: false },
} as const;

const refusals = {
  nobody: '401 unauthenticated, WWW-Authenticate: Bearer',
  'a stranger': '401 unauthenticated, WWW-Authenticate: Bearer',
  'another role': '403 forbidden',
};

/** What the contract's table, which is for people, promises. */
function promised(
  { roles, withoutKey }: AccessRow,
  { loopback, isAsked }: (typeof places)[keyof typeof places],
  { as }: Credential,
): string {
  if (!isAsked || withoutKey === 'everywhere') return 'reached';
  const isOpen = loopback && withoutKey === 'on loopback';
  if (as === 'nobody') return isOpen ? 'reached' : refusals.nobody;
  if (as === 'a stranger') return refusals[as];
  return isOpen || roles.includes(as) ? 'reached' : refusals['another role'];
}

/** Operations that every server answers by itself. */
const builtIn: readonly string[] = ['checkLive', 'getProblem', 'getMetrics'];

const table = accessTable();
/** Nobody may call what the table does not have, so that it is noticed. */
const unlisted: AccessRow = { roles: [], withoutKey: 'never' };

void t.test('every operation answers every credential as the contract says', async (t) => {
  for (const role of ['coordinator', 'participant'] as NodeRole[]) {
    for (const [where, place] of Object.entries(places)) {
      await t.test(`a ${role} ${where} keeps to the table`, async (t) => {
        const keys = new KeyRing(revoked);
        const { loopback, isAsked } = place;
        const { app, calls } = await fakeNode(t, role, { loopback, keys: isAsked ? keys : null });

        const checked = new Set<string>();

        /** What comes of one call: its handler is reached, or why not. */
        const call = async (operationId: string, method: string, { headers }: Credential) => {
          const request = exampleRequest(role, operationId);
          const before = calls.length;
          const reply = await app.inject({
            ...request,
            method: method as 'GET',
            headers: { ...request.headers, ...headers },
          });
          const isReached = calls.length === before + 1 && calls.at(-1) === operationId;
          const isAnswered = isReached || builtIn.includes(operationId);
          if (reply.statusCode === 200 && isAnswered) return 'reached';
          const found = calls.length > before ? `, but ${calls.slice(before).join()} ran` : '';
          if (method === 'HEAD') return `${reply.statusCode}${found}`;
          const answer = `${operationId} ${reply.statusCode}`;
          if (!checked.has(answer)) checkReply(t, role, operationId, reply);
          checked.add(answer);
          const challenge = reply.headers['www-authenticate'];
          const asked = challenge === undefined ? '' : `, WWW-Authenticate: ${String(challenge)}`;
          return `${reply.statusCode} ${reply.json().code}${asked}${found}`;
        };

        const compare = async (shown: readonly Credential[]) => {
          for (const { operationId, method, path } of contracts[role].operations.values()) {
            const row = table.get(`${method} ${path}`) ?? unlisted;
            const [got, expected]: [Record<string, string>, Record<string, string>] = [{}, {}];
            for (const credential of shown) {
              const { name } = credential;
              got[name] = await call(operationId, method, credential);
              expected[name] = promised(row, place, credential);
              if (method !== 'GET') continue;
              // What HEAD answers has no body, and so no code.
              got[`HEAD ${name}`] = await call(operationId, 'HEAD', credential);
              expected[`HEAD ${name}`] = expected[name].replace(/^(\d+) .*/, '$1');
            }
            t.strictSame(got, expected, `${method} ${path}`);
          }
        };

        await compare(formerly);
        keys.replace(rotated);
        await compare(credentials);
      });
    }
  }
});
