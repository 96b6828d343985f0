/** How commands that call an API are declared: each has the same options for the address, the transport and the output. */
import { Option, type Command } from 'commander';
import type { Context } from './context.ts';

export const TRANSPORTS = ['sse', 'websocket', 'socket.io'] as const;

/** Options that every such command has. */
export interface ApiOptions {
  readonly url?: string;
  readonly transport: (typeof TRANSPORTS)[number];
  readonly json?: true;
}

/** Runs the command's work with what it needs. @param work resolves with the exit code */
export type RunWith = (options: ApiOptions, work: (context: Context) => Promise<number>) => Promise<void>;

/** Adds its commands to the program. */
export type Register = (program: Command, run: RunWith) => void;

export function apiCommand(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--url <address>', 'of the API; default: FILLSTREAM_URL, or http://127.0.0.1:3000')
    .addOption(new Option('--transport <name>', 'how orders are followed').choices(TRANSPORTS).default('sse'))
    .option('--json', 'print JSON lines; the default where the output is not a terminal');
}
