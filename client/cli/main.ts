#!/usr/bin/env node
/** The `unanimous` command: nodes, a whole cluster, and a client. */
import { systemIo } from './io.ts';
import { runCli } from './program.ts';

// What a command has left waiting, such as a look at a node that is gone, ends with it.
process.exit(await runCli(process.argv.slice(2), systemIo()));
