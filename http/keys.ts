import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Who may call what (openapi.yaml, securitySchemes): never one key for all. */
export type KeyRole = 'client' | 'coordinator' | 'participant' | 'operator';

/** One bearer key for each role. */
export type Keys = Readonly<Record<KeyRole, string>>;

/** A key file that cannot be used. The message names the file, the role and the way out. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

const roles: readonly KeyRole[] = ['client', 'coordinator', 'participant', 'operator'];

/** What RFC 6750 allows in a bearer token, and too long to guess. */
const keyPattern = /^[A-Za-z0-9._~+/-]{32,256}=*$/;

const wayOut = 'make a new file with: unanimous keygen';

const digests = new WeakMap<Keys, ReadonlyMap<KeyRole, Buffer>>();

/** Fresh keys: 32 random bytes each, in base64url. */
export function makeKeys(): Keys {
  const key = () => randomBytes(32).toString('base64url');
  return { client: key(), coordinator: key(), participant: key(), operator: key() };
}

/**
 * The keys in `text`, a JSON object with one string for each of the four roles.
 * @param file what messages call it
 * @throws {KeysError} if it is not JSON, a role is missing, unknown, malformed or shares its key
 */
export function parseKeys(text: string, file: string): Keys {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new KeysError(`${file} is not JSON; ${wayOut}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new KeysError(`${file} must be a JSON object with the keys ${list(roles)}; ${wayOut}`);
  }
  const unknown = Object.keys(parsed).filter((role) => !roles.some((known) => known === role));
  if (unknown.length > 0) {
    throw new KeysError(`${file} has unknown roles: ${list(unknown)}; known are ${list(roles)}`);
  }
  const found = new Map(Object.entries(parsed as Record<string, unknown>));
  const read = (role: KeyRole) => readKey(found.get(role), role, file);
  const keys: Keys = {
    client: read('client'),
    coordinator: read('coordinator'),
    participant: read('participant'),
    operator: read('operator'),
  };
  for (const role of roles) {
    const twin = roles.find((other) => other !== role && keys[other] === keys[role]);
    if (twin) throw new KeysError(`${file}: "${role}" and "${twin}" share one key; ${wayOut}`);
  }
  return keys;
}

function readKey(key: unknown, role: KeyRole, file: string): string {
  if (key === undefined) throw new KeysError(`${file} has no key for "${role}"; ${wayOut}`);
  if (typeof key === 'string' && keyPattern.test(key)) return key;
  throw new KeysError(
    `${file}: the key of "${role}" must be 32 to 256 letters, digits or . _ ~ + / - ; ${wayOut}`,
  );
}

const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/**
 * The role whose key `token` is, or null. It takes the same time for every wrong token: digests
 * of equal length are compared, and with every role, whichever matches.
 */
export function roleOf(keys: Keys, token: string): KeyRole | null {
  const offered = digest(token);
  let role: KeyRole | null = null;
  for (const [candidate, expected] of digestsOf(keys)) {
    if (timingSafeEqual(offered, expected)) role = candidate;
  }
  return role;
}

function digestsOf(keys: Keys): ReadonlyMap<KeyRole, Buffer> {
  let known = digests.get(keys);
  if (!known) {
    known = new Map(roles.map((role) => [role, digest(keys[role])]));
    digests.set(keys, known);
  }
  return known;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
