import { isIPv4 } from 'node:net';

/**
 * Whether `host`, as given to listen on, can only be reached from this machine: `localhost`,
 * 127.0.0.0/8 or ::1. There client operations are open without a key.
 */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return host === 'localhost' || host === '::1' || host === '[::1]';
}
