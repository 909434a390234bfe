import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tokenOf } from './access.ts';
import { addressOf } from './client-of.ts';
import { problem, type Answer } from './problems.ts';
import type { SettingsSchema } from './settings.ts';

/** How much may be asked for; 0: as much as comes. */
export interface RateLimits {
  keyRequestsPerSecond: number;
  addressRequestsPerSecond: number;
  wrongKeysPerMinute: number;
}

/** The limits as they are set: where clients need no key, everybody has one address. */
export interface RateLimitSettings {
  keyRequestsPerSecond?: number;
  addressRequestsPerSecond?: number;
  wrongKeysPerMinute: number;
}

const networkDefaults = { keyRequestsPerSecond: 5_000, addressRequestsPerSecond: 2_000 };
const none = { keyRequestsPerSecond: 0, addressRequestsPerSecond: 0 };

/** The limits as settings of a node. */
export const rateLimitSettings: SettingsSchema<RateLimitSettings>['properties'] = {
  keyRequestsPerSecond: {
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    description:
      'requests of one client key in a second; further ones are answered 429; 0: any; ' +
      `default: ${networkDefaults.keyRequestsPerSecond}, or any where clients need no key`,
  },
  addressRequestsPerSecond: {
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    description:
      'requests of clients at one address in a second; further ones are answered 429; 0: any; ' +
      `default: ${networkDefaults.addressRequestsPerSecond}, or any where clients need no key`,
  },
  wrongKeysPerMinute: {
    type: 'integer',
    default: 600,
    minimum: 0,
    maximum: 1_000_000,
    description: 'wrong keys from one address in a minute; further ones are answered 429; 0: any',
  },
};

/** @param open whether clients need no key here */
export function rateLimitsOf(settings: RateLimitSettings, open: boolean): RateLimits {
  return { ...(open ? none : networkDefaults), ...settings };
}

/** Counts requests, and answers those that are too many. */
export interface Limiter {
  /** Of a client with a right key, or none where none is needed. */
  count(request: FastifyRequest, reply: FastifyReply): Promise<Answer | undefined> | undefined;
  /** What a request with a wrong key is answered; `refusal` unless there were too many. */
  countWrongKey(
    request: FastifyRequest,
    reply: FastifyReply,
    refusal: Answer,
  ): Promise<Answer> | Answer;
}

interface Quota {
  readonly name: string;
  /** As in `RateLimit-Policy`. */
  readonly policy: string;
  readonly what: string;
  readonly take: (request: FastifyRequest) => Promise<Taken>;
}

interface Taken {
  readonly isExceeded: boolean;
  readonly remaining: number;
  /** Until the window ends. Seconds. */
  readonly resetSeconds: number;
}

/**
 * Counts by @fastify/rate-limit, in windows of a second or a minute, of the 5 000 keys and
 * addresses that came last; what is left is told in the header fields of
 * draft-ietf-httpapi-ratelimit-headers, which the plugin does not have yet.
 */
export async function openLimiter(app: FastifyInstance, limits: RateLimits): Promise<Limiter> {
  await app.register(rateLimit, { global: false });
  const keyOf = (request: FastifyRequest) => tokenOf(request) ?? '';
  const perSecond = { seconds: 1, what: 'requests in a second' };
  const key = quota(app, 'key', limits.keyRequestsPerSecond, keyOf, perSecond);
  const address = quota(app, 'address', limits.addressRequestsPerSecond, addressOf, perSecond);
  const perMinute = { seconds: 60, what: 'wrong keys in a minute' };
  const wrong = quota(app, 'wrong-keys', limits.wrongKeysPerMinute, addressOf, perMinute);
  const withKey = [key, address].filter((one) => one !== undefined);
  const without = [address].filter((one) => one !== undefined);
  return {
    count(request, reply) {
      const quotas = request.headers.authorization === undefined ? without : withKey;
      return quotas.length === 0 ? undefined : takeAll(quotas, request, reply);
    },
    async countWrongKey(request, reply, refusal) {
      return (wrong && (await takeAll([wrong], request, reply))) ?? refusal;
    },
  };
}

function quota(
  app: FastifyInstance,
  name: string,
  max: number,
  keyGenerator: (request: FastifyRequest) => string,
  { seconds, what }: { seconds: number; what: string },
): Quota | undefined {
  if (max === 0) return undefined;
  const count = app.createRateLimit({ max, timeWindow: seconds * 1_000, keyGenerator });
  return {
    name,
    policy: `"${name}";q=${max};w=${seconds}`,
    what: `${max} ${what} from one ${name === 'key' ? 'key' : 'address'}`,
    async take(request) {
      const counted = await count(request);
      // Only a list of the plugin's that is not used allows something without counting it.
      if (counted.isAllowed) throw new Error('broken invariant: every request is counted');
      const { isExceeded, remaining, ttlInSeconds } = counted;
      return { isExceeded, remaining, resetSeconds: ttlInSeconds };
    },
  };
}

/** Takes one from each quota, says what is left of each, and refuses if one was empty. */
async function takeAll(
  quotas: readonly Quota[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer | undefined> {
  const left: string[] = [];
  let refusal: Answer | undefined;
  for (const { name, what, take } of quotas) {
    const { isExceeded, remaining, resetSeconds } = await take(request);
    left.push(`"${name}";r=${remaining};t=${resetSeconds}`);
    if (isExceeded && !refusal) {
      const detail = `${what} are the limit`;
      refusal = problem('rate-limited', { detail, retryAfterSeconds: Math.max(1, resetSeconds) });
    }
  }
  reply.header('ratelimit-policy', quotas.map(({ policy }) => policy).join(', '));
  reply.header('ratelimit', left.join(', '));
  return refusal;
}
