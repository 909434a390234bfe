import { randomBytes } from 'node:crypto';

/** Who may call what (openapi.yaml, securitySchemes): never one key for all. */
export type KeyRole = 'client' | 'coordinator' | 'participant' | 'operator';

/** One bearer key for each role. */
export type Keys = Readonly<Record<KeyRole, string>>;

/**
 * What a key file says: of each role the keys that are valid at once, one or, while they are
 * rotated, two. The first is the one that is sent (PROTOCOL.md, keys).
 */
export type KeySet = Readonly<Record<KeyRole, readonly [string, ...string[]]>>;

/** A key file that cannot be used. The message names the file, the role and the way out. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

/** In the order in which a file has them. */
export const keyRoles: readonly KeyRole[] = ['client', 'coordinator', 'participant', 'operator'];

/** Keys of one role that may be valid at once. */
const mostKeys = 2;

/** What RFC 6750 allows in a bearer token, and too long to guess. */
const keyPattern = /^[A-Za-z0-9._~+/-]{32,256}=*$/;

const wayOut = 'make a new file with: unanimous keygen';

const makeKey = () => randomBytes(32).toString('base64url');

/** Fresh keys: 32 random bytes each, in base64url. */
export function makeKeys(): Keys {
  return {
    client: makeKey(),
    coordinator: makeKey(),
    participant: makeKey(),
    operator: makeKey(),
  };
}

/**
 * The keys in `text`, a JSON object with one string for each of the four roles, or two in an array.
 * @param file what messages call it
 * @throws {KeysError} if it is not JSON, a role is missing, unknown, malformed or shares a key
 */
export function parseKeys(text: string, file: string): KeySet {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new KeysError(`${file} is not JSON; ${wayOut}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new KeysError(`${file} must be a JSON object with the keys ${list(keyRoles)}; ${wayOut}`);
  }
  const unknown = Object.keys(parsed).filter((role) => !isKeyRole(role));
  if (unknown.length > 0) {
    throw new KeysError(`${file} has unknown roles: ${list(unknown)}; known are ${list(keyRoles)}`);
  }
  const found = new Map(Object.entries(parsed as Record<string, unknown>));
  const keys = ofEach((role) => readKeys(found.get(role), role, file));
  const owners = new Map<string, KeyRole>();
  for (const role of keyRoles) {
    for (const key of keys[role]) {
      const owner = owners.get(key);
      if (owner === role) throw new KeysError(`${file}: "${role}" has one key twice; ${wayOut}`);
      if (owner) throw new KeysError(`${file}: "${owner}" and "${role}" share one key; ${wayOut}`);
      owners.set(key, role);
    }
  }
  return keys;
}

/** Whether `text` is the name of a role. */
export const isKeyRole = (text: string): text is KeyRole => keyRoles.some((role) => role === text);

/** The same object, with what `make` gives for each role. */
const ofEach = <T>(make: (role: KeyRole) => T): Record<KeyRole, T> => ({
  client: make('client'),
  coordinator: make('coordinator'),
  participant: make('participant'),
  operator: make('operator'),
});

function readKeys(value: unknown, role: KeyRole, file: string): KeySet[KeyRole] {
  if (value === undefined) throw new KeysError(`${file} has no key for "${role}"; ${wayOut}`);
  const given: unknown[] = Array.isArray(value) ? value : [value];
  if (given.length > mostKeys) {
    const most = `one, or ${mostKeys} while they are rotated`;
    throw new KeysError(`${file}: "${role}" has ${given.length} keys, and may have ${most}`);
  }
  const [first, ...more] = given.filter(isKey);
  if (first !== undefined && more.length + 1 === given.length) return [first, ...more];
  throw new KeysError(
    `${file}: the key of "${role}" must be 32 to 256 letters, digits or . _ ~ + / - ; ${wayOut}`,
  );
}

const isKey = (key: unknown): key is string => typeof key === 'string' && keyPattern.test(key);

/** A key that stands where a name should be must not get into a log. */
const list = (names: readonly string[]) =>
  names.map((name) => (name.length < 32 ? `"${name}"` : `one of ${name.length} signs`)).join(', ');

/** One key of each role is a set, too. */
export const keySetOf = (keys: KeySet | Keys): KeySet =>
  ofEach((role) => {
    const own = keys[role];
    return typeof own === 'string' ? [own] : own;
  });

/** The text of a key file. */
export function formatKeys(keys: KeySet | Keys): string {
  const set = keySetOf(keys);
  const plain = ofEach((role) => (set[role].length > 1 ? set[role] : set[role][0]));
  return `${JSON.stringify(plain, null, 2)}\n`;
}

/** The keys that are sent. */
export const sentKeys = (keys: KeySet): Keys => ofEach((role) => keys[role][0]);

/**
 * These roles get a new key, which is sent; the one they have stays valid.
 * @param file what messages call it
 * @throws {KeysError} if one of them has two keys: somebody may still send the second
 */
export function rotateKeys(keys: KeySet, roles: readonly KeyRole[], file: string): KeySet {
  const full = roles.find((role) => keys[role].length === mostKeys);
  if (full) {
    const first = 'take the second one out first, with --retire';
    throw new KeysError(`${file}: "${full}" has ${mostKeys} keys already; ${first}`);
  }
  return ofEach((role) => (roles.includes(role) ? [makeKey(), ...keys[role]] : keys[role]));
}

/**
 * Only the first key of these roles stays valid.
 * @param file what messages call it
 * @throws {KeysError} if none of them has two
 */
export function retireKeys(keys: KeySet, roles: readonly KeyRole[], file: string): KeySet {
  if (!roles.some((role) => keys[role].length > 1)) {
    throw new KeysError(`${file}: there is no second key of ${list(roles)}; nothing is to be done`);
  }
  return ofEach((role) => (roles.includes(role) ? [keys[role][0]] : keys[role]));
}
