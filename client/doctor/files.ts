/** The files that a node reads at its start: keys and certificates. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { fail, ok, reasonOf, warn, type Check } from './check.ts';

/** Who is neither the owner nor in the group may do something. */
const others = 0o007;
/** A group may do so, or anybody write. */
const tooMuch = 0o032;

const dayMs = 86_400_000;

/** A certificate that ends sooner is worth a look. Days. */
const fewDays = 30;

/** Whether others can read a file that is nobody else's business. */
export async function checkSecret(name: string, path: string): Promise<Check> {
  try {
    const mode = (await stat(path)).mode & 0o777;
    await readFile(path);
    const shown = `${path} has mode ${mode.toString(8).padStart(4, '0')}`;
    const advice = `chmod 600 ${path}: whoever reads it can act as any node`;
    if ((mode & others) !== 0)
      return fail(name, `${shown}: anybody on this machine reads it`, advice);
    if ((mode & tooMuch) !== 0)
      return warn(name, `${shown}: others than its owner write it`, advice);
    return ok(name, shown);
  } catch (error) {
    return fail(name, reasonOf(error), 'let the user that runs the node read it');
  }
}

/** The certificate of a node and its key, or that of an authority, which has none. */
export async function checkCertificate(
  name: string,
  path: string,
  now: number,
  keyPath?: string,
): Promise<Check> {
  try {
    const certificate = new X509Certificate(await readFile(path));
    const { validFrom, validTo, subjectAltName = 'no names' } = certificate;
    const left = Math.floor((Date.parse(validTo) - now) / dayMs);
    const found = `${path}: ${subjectAltName}, valid to ${validTo}`;
    const advice = 'make a new certificate and have the node read it (docs/OPERATIONS.md)';
    if (Date.parse(validFrom) > now)
      return fail(name, `${found}, but only from ${validFrom}`, advice);
    if (left < 0) return fail(name, `${found}: that is over`, advice);
    if (keyPath !== undefined) {
      const key = createPrivateKey(await readFile(keyPath));
      const isOwn = certificate.checkPrivateKey(key);
      if (!isOwn)
        return fail(
          name,
          `${keyPath} is not the key of ${path}`,
          'give the two that belong together',
        );
    }
    return left < fewDays ? warn(name, `${found}: ${left} days are left`, advice) : ok(name, found);
  } catch (error) {
    return fail(name, `${path}: ${reasonOf(error)}`, 'give a certificate in PEM that can be read');
  }
}
