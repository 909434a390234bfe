/** Makes the certificates of a cluster: a CA, and what it signs for each node. */
import type { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { X509Certificate } from '@peculiar/x509';
import { nodeUri } from '../../http/node-uri.ts';
import { CommandError } from './io.ts';

/** Where a certificate and its key are; or those of the CA. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** How long they are good for. Days. */
export const validDays = { ca: 3_650, node: 365 };

/** By which clients on the same machine call a node. */
export const loopbackHosts = ['localhost', '127.0.0.1', '::1'];

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Clocks differ: what was made now is good on a machine that is so late. Milliseconds. */
const lateMs = 3_600_000;

const dayMs = 86_400_000;

/** The files of a node, or of the CA (`ca`), in a folder. */
export const certificateFiles = (folder: string, name: string): CertificateFiles => ({
  cert: join(folder, `${name}.pem`),
  key: join(folder, `${name}-key.pem`),
});

/**
 * Writes certificates for these participants, and for the coordinator and the CA if they are
 * missing. Keys can be read by their owner only.
 * @param hosts names and addresses by which clients reach the nodes
 * @returns the names of what was made, in their order
 * @throws {CommandError} if a participant has one already, or the CA is not whole
 */
export async function makeCertificates(
  folder: string,
  participants: readonly string[],
  hosts: readonly string[],
): Promise<string[]> {
  for (const name of participants) {
    if (!/^(?!(?:coordinator|ca)$)[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
      const why = 'small letters, digits and hyphens, at most 63, and neither coordinator nor ca';
      throw new CommandError(2, `"${name}" cannot be the name of a participant: ${why}`);
    }
    refuseExisting(certificateFiles(folder, name));
  }
  const files = certificateFiles(folder, 'ca');
  const isNew = !existsSync(files.cert) && !existsSync(files.key);
  const hasCoordinator = existsSync(certificateFiles(folder, 'coordinator').cert);
  const names = [...(hasCoordinator ? [] : ['coordinator']), ...participants];
  if (names.length === 0) {
    throw new CommandError(2, `${folder} has a coordinator already: name the participants to add`);
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const signer = isNew ? await newAuthority(files) : await knownAuthority(files);
    for (const name of names) {
      await signNode(signer, certificateFiles(folder, name), name, hosts);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(1, `cannot write to ${folder}: ${reason}`);
  }
  return [...(isNew ? ['ca'] : []), ...names];
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

/** The library is large, and needs the other one first: no other command waits for them. */
async function loadX509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

const makeKeyPair = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

function validity(days: number) {
  const now = Date.now();
  return { notBefore: new Date(now - lateMs), notAfter: new Date(now + days * dayMs) };
}

async function newAuthority(files: CertificateFiles): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await makeKeyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Unanimous CA',
    ...validity(validDays.ca),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writePair(files, certificate, keys.privateKey);
  return { certificate, key: keys.privateKey };
}

/** @throws {CommandError} if one of its two files is missing, or is no such thing */
async function knownAuthority({ cert, key }: CertificateFiles): Promise<Authority> {
  for (const file of [cert, key]) {
    if (existsSync(file)) continue;
    const why = 'what is signed by another CA would not be trusted';
    throw new CommandError(1, `${file} is missing, bring it back: ${why}`);
  }
  const x509 = await loadX509();
  try {
    const block = x509.PemConverter.decodeFirst(readFileSync(key, 'utf8'));
    return {
      certificate: new x509.X509Certificate(readFileSync(cert, 'utf8')),
      key: await crypto.subtle.importKey('pkcs8', block, algorithm, false, ['sign']),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(1, `${cert} and ${key} are not those of a CA made by keygen: ${reason}`);
  }
}

async function signNode(
  authority: Authority,
  files: CertificateFiles,
  name: string,
  hosts: readonly string[],
): Promise<void> {
  const x509 = await loadX509();
  const keys = await makeKeyPair();
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: authority.certificate.subject,
    ...validity(validDays.node),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: nodeUri(name) },
        ...hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
    ],
  });
  await writePair(files, certificate, keys.privateKey);
}

/** The key first: a certificate is there only with its key. */
async function writePair(
  { cert, key }: CertificateFiles,
  certificate: X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<void> {
  const x509 = await loadX509();
  const bytes = await crypto.subtle.exportKey('pkcs8', privateKey);
  const pem = x509.PemConverter.encode(bytes, 'PRIVATE KEY');
  writeFileSync(key, `${pem}\n`, { flag: 'wx', mode: 0o600 });
  writeFileSync(cert, `${certificate.toString('pem')}\n`, { flag: 'wx' });
}

function refuseExisting({ cert, key }: CertificateFiles): void {
  for (const file of [cert, key]) {
    if (!existsSync(file)) continue;
    throw new CommandError(1, `${file} exists: move it away to make a new one`);
  }
}
