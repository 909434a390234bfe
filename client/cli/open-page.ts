import { spawn } from 'node:child_process';
import type { Io } from './io.ts';

/** Opens a page in the browser of whoever sits here, or says why not. */
export function openPage(url: string, io: Io): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  // A browser that begins with it outlives this process.
  const opening = spawn(command, [url], { detached: true, stdio: 'ignore' });
  const tell = (why: string) => {
    io.err(`no browser could be opened (${why}); the page is at ${url}`);
  };
  opening.on('error', (error) => {
    tell(error.message);
  });
  opening.on('exit', (code) => {
    if (code) tell(`${command} ended with exit code ${code}`);
  });
  opening.unref();
}
