/** What an HTTP body must be before anything else is asked of it. */
import type { FastifyInstance } from 'fastify';

/** What becomes of a body with a member `__proto__` or the like: it is refused. */
export const noPrototypes = 'error';

/** How deep objects and arrays may be in each other; the contract needs 5. */
const mostDepth = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const [quote, colon, backslash] = [0x22, 0x3a, 0x5c];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** A body that is not what it must be; the message is a sentence about it. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

/** Takes bodies of JSON and no others. */
export function readJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser(noPrototypes, noPrototypes);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      const text = textOf(bytes as Buffer);
      const written = countWritten(text);
      const parsed: { error?: Error | null; value?: unknown } = {};
      // It says at once what it has found, and takes what is thrown then for broken JSON.
      void parse(request, text, (error, value?: unknown) =>
        Object.assign(parsed, { error, value }),
      );
      if (!parsed.error) checkMembers(parsed.value, written);
      done(parsed.error ?? null, parsed.value);
    } catch (error) {
      if (!(error instanceof BodyError)) throw error;
      done(error);
    }
  });
}

/** Node would replace bytes that are not UTF-8, and the text would be another one. */
function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new BodyError('the body is not UTF-8');
  }
}

/**
 * How many members all objects in a text have, as it is written; the text need not be JSON.
 * @throws {BodyError} if something in it is deeper than `mostDepth`
 */
export function countWritten(text: string): number {
  let [depth, members] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case colon:
        members += 1;
        break;
      case openArray:
      case openObject:
        depth += 1;
        if (depth > mostDepth) {
          throw new BodyError(`the body has values more than ${mostDepth} deep in each other`);
        }
        break;
      case closeArray:
      case closeObject:
        depth -= 1;
        break;
    }
  }
  return members;
}

/** Where the string that begins at a quote ends, or the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  // After an odd number of backslashes it is a quote of the string's own.
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === backslash) before -= 1;
  return (at - before) % 2 === 1;
}

/**
 * Checks that a value, parsed from a text, has all the members that are written there: of two with
 * one name in one object only the last is left, and another reader may have taken the first.
 * @throws {BodyError} if it has fewer
 */
export function checkMembers(value: unknown, written: number): void {
  if (countMembers(value) < written) {
    throw new BodyError('an object in the body has two members with the same name');
  }
}

function countMembers(value: unknown): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
  } else if (typeof value === 'object') {
    // All are its own, and Object.keys would make a list of them. Of null there are none.
    for (const name in value) count += 1 + countMembers((value as Record<string, unknown>)[name]);
  }
  return count;
}
