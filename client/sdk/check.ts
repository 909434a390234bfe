/** Checks of shapes, by which a value of unknown type gets one. */

/** Whether a value has the shape of `T`. */
export type Check<T> = (value: unknown) => value is T;

/** A text may be any: newer nodes may send names that the contract does not list yet. */
type FieldCheck<V> = [V] extends [string] ? Check<V> | Check<string> : Check<V>;
type OptionalKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type RequiredChecks<T> = { readonly [K in Exclude<keyof T, OptionalKey<T>>]: FieldCheck<T[K]> };
type OptionalChecks<T> = {
  readonly [K in OptionalKey<T>]-?: FieldCheck<Exclude<T[K], undefined>>;
};

/**
 * An object of type `T`. Every field of `T` has its check, so that the compiler finds a check that
 * lags behind the contract; fields that are not listed may come and are kept.
 */
export function object<T extends object>(
  required: RequiredChecks<T>,
  optional: OptionalChecks<T>,
): Check<T> {
  const fits = (value: object, checks: object, mayLack: boolean) =>
    Object.entries(checks).every(([name, check]: [string, Check<unknown>]) => {
      const field: unknown = Reflect.get(value, name);
      return (mayLack && field === undefined) || check(field);
    });
  return (value): value is T =>
    isObject(value) && fits(value, required, false) && fits(value, optional, true);
}

export const arrayOf =
  <T>(check: Check<T>): Check<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(check);

export const oneOf =
  <T extends string>(...values: readonly T[]): Check<T> =>
  (value): value is T =>
    values.some((one) => one === value);

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;
export const isText = (value: unknown): value is string => typeof value === 'string';
export const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
export const isNumber = (value: unknown): value is number => typeof value === 'number';
export const isIntegerOrNull = (value: unknown): value is number | null =>
  value === null || isInteger(value);
export const isNumberOrNull = (value: unknown): value is number | null =>
  value === null || isNumber(value);
export const isTrue = (value: unknown): value is true => value === true;
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
export const isTextOrNull = (value: unknown): value is string | null =>
  value === null || isText(value);
export const recordOf =
  <T>(check: Check<T>): Check<Record<string, T>> =>
  (value): value is Record<string, T> =>
    isObject(value) && Object.values(value).every(check);
export const isTexts = recordOf(isText);
