#!/usr/bin/env node
/** The `unanimous` command: nodes, a whole cluster, and a client. */
import { systemIo } from './io.ts';
import { runCli } from './program.ts';

process.exitCode = await runCli(process.argv.slice(2), systemIo());
