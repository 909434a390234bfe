#!/usr/bin/env node
/** The `unanimous` command: nodes, a whole cluster, and a client. */
import { systemIo } from './io.ts';
import { runCli } from './program.ts';

const code = await runCli(process.argv.slice(2), systemIo());
// What a pipe has not taken yet would be lost; whoever has closed it gets an error instead.
await new Promise((written) => process.stdout.write('', written));
// What a command has left waiting, such as a look at a node that is gone, ends with it.
process.exit(code);
