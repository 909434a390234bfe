/** What a person has filled in to send a transfer, and the request that it makes. */
import type { FieldError, SingleTransfer } from '../sdk/index.ts';
import { parseAmount } from '../cli/amounts.ts';

/** The fields, as they were typed. */
export interface TransferText {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
}

export type FieldName = keyof TransferText;

/** One sentence for each field that something is wrong with. */
export type FieldErrors = Readonly<Partial<Record<FieldName, string>>>;

/** What the contract says of an account in a leg (openapi.yaml, AccountPath). */
const accountPath = /^[a-z0-9][a-z0-9-]{0,62}\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Characters (openapi.yaml, Reference). */
const longestReference = 140;

/** The request, or what is wrong with which field. */
export function readForm(
  text: TransferText,
): { request: SingleTransfer } | { errors: FieldErrors } {
  const { from, to, currency, reference } = text;
  const parsed = parseAmount(text.amount.trim(), currency);
  const errors: FieldErrors = {
    ...badPath('from', from),
    ...badPath('to', to),
    ...(from !== '' && from === to && { to: 'The account that pays cannot be the one that gets.' }),
    ...badAmount(text, parsed),
    ...(charactersIn(reference) > longestReference && {
      reference: `A reference has at most ${longestReference} characters.`,
    }),
  };
  if (Object.keys(errors).length > 0 || 'error' in parsed) return { errors };
  return { request: { from, to, ...parsed, ...(reference !== '' && { reference }) } };
}

/** As the contract counts them: not the halves that JavaScript keeps some in. */
const charactersIn = (text: string) => Array.from(text).length;

function badPath(field: 'from' | 'to', path: string): FieldErrors {
  if (accountPath.test(path)) return {};
  const what = path === '' ? 'This is missing' : `"${path}" is no account`;
  return { [field]: `${what}: write a participant, a slash and an account, as in bank-a/alice.` };
}

function badAmount(
  { amount, currency }: TransferText,
  parsed: ReturnType<typeof parseAmount>,
): FieldErrors {
  if (!('error' in parsed)) return {};
  const ofCurrency = parsed.error.includes('is not an ISO 4217 currency');
  if (ofCurrency) return { currency: `${parsed.error}.` };
  if (amount.trim() === '') return { amount: `How much? Write it as people do, in ${currency}.` };
  return { amount: `${parsed.error}.` };
}

/** What a node has found wrong, at the fields of the form that it is about. */
export function fieldErrorsOf(errors: readonly FieldError[]): FieldErrors {
  const fields: readonly FieldName[] = ['from', 'to', 'amount', 'currency', 'reference'];
  const found: Partial<Record<FieldName, string>> = {};
  for (const { pointer, detail } of errors) {
    const field = fields.find((name) => pointer === `/${name}`);
    if (field) found[field] ??= detail;
  }
  return found;
}
