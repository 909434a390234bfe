import type { ErrorObject } from 'ajv/dist/2020.js';
import { expectation, type Expected } from './expectation.ts';
import type { FieldError } from './problems.ts';

export type RequestPart = NonNullable<FieldError['in']>;

/** More errors than these are not reported: nobody reads them. */
const maxReported = 20;

/**
 * What Ajv found (with `verbose`) as errors a person can act on: each names the field, a missing
 * or unknown one included, and what it must be.
 */
export function fieldErrors(errors: readonly ErrorObject[], part: RequestPart): FieldError[] {
  const seen = new Map<string, FieldError>();
  for (const error of chooseBranches(errors)) {
    // What is wrong with the name of a property is told by the `propertyNames` error itself.
    if (error.propertyName !== undefined) continue;
    const pointer = pointerOf(error);
    if (seen.size < maxReported && !seen.has(pointer)) {
      seen.set(pointer, { in: part, pointer, detail: detailOf(error, part) });
    }
  }
  return [...seen.values()];
}

/**
 * Of a `oneOf` that nothing fits, only the errors of the branch that is meant: the one that knows
 * the most of the fields that are present, then the one that misses the fewest. A tie goes to the
 * branch named first.
 */
function chooseBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choice = errors.find((error) => error.keyword === 'oneOf');
  if (!choice) return errors;
  const prefix = `${choice.schemaPath}/`;
  const branches = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    if (!error.schemaPath.startsWith(prefix)) continue;
    const branch = error.schemaPath.slice(prefix.length).split('/', 1).join();
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const count = (branch: readonly ErrorObject[], keyword: string) =>
    branch.filter((e) => e.keyword === keyword && e.instancePath === choice.instancePath).length;
  const ranked = [...branches.values()].sort((a, b) => {
    const unknown = count(a, 'additionalProperties');
    if (unknown !== count(b, 'additionalProperties')) {
      return unknown - count(b, 'additionalProperties');
    }
    // Where nothing contradicts either, what is missing tells nothing about what was meant.
    return unknown === 0 ? 0 : count(a, 'required') - count(b, 'required');
  });
  const others = errors.filter((e) => e !== choice && !e.schemaPath.startsWith(prefix));
  return [...others, ...(ranked[0] ?? [choice])];
}

function pointerOf({ instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty, propertyName } = params as Record<string, unknown>;
  const name = missingProperty ?? additionalProperty ?? propertyName;
  if (typeof name !== 'string') return instancePath;
  return `${instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function detailOf(error: ErrorObject, part: RequestPart): string {
  const schema = (error.parentSchema ?? {}) as Expected;
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return part === 'body' ? 'is not a known field' : 'is not a known parameter';
    case 'propertyNames':
      return `must have a name that is ${expectation(error.schema as Expected)}`;
    default:
      return `must be ${expectation(schema)}`;
  }
}
