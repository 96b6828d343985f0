/** The command line: its commands, what they share, and what it exits with. */
import { Command, CommanderError, Help } from 'commander';
import { FillstreamClient } from '../client/index.ts';
import { OperatorError } from '../operator-error.ts';
import type { ApiOptions, Register } from './command.ts';
import { completionScript, SHELLS } from './completion.ts';
import { describeError, EXIT, exitCodeOf } from './exit-code.ts';
import { openOutput, type Output, type Terminal } from './output.ts';
import { registerMachine } from './commands/machine.ts';
import { registerOrders } from './commands/orders.ts';
import { registerQuote } from './commands/quote.ts';
import { registerReplay } from './commands/replay.ts';
import { registerSubmit } from './commands/submit.ts';
import { registerWatch } from './commands/watch.ts';

/** A command that runs in this process, on its own settings. It reads its arguments by itself. */
export interface ServerCommand {
  readonly name: string;
  readonly usage: string;
  readonly description: string;
  /** What its own help tells beside these: its arguments, a line each. */
  readonly help?: string;
  /** @returns the exit code */
  readonly run: (args: readonly string[]) => Promise<number>;
}

export interface CliDeps {
  readonly version: string;
  readonly serverCommands: readonly ServerCommand[];
  readonly terminal: Terminal;
  /** Where no `--url` is given. */
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  /** Aborts at Ctrl-C. Called once, by commands that can be interrupted. */
  readonly interrupted: () => AbortSignal;
}

const DEFAULT_URL = 'http://127.0.0.1:3000';
/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
/** A person waits: a server that does not answer is reported after a few attempts. */
const RETRY_FOR_MS = 3_000;

const CLIENT_COMMANDS: readonly Register[] = [
  registerQuote,
  registerSubmit,
  registerWatch,
  registerOrders,
  registerReplay,
];

/**
 * @returns the exit code
 * @throws OperatorError, and what is a defect
 */
export async function runCli(args: readonly string[], deps: CliDeps): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = new Command('fillstream')
    .description('Swap orders, executed exactly once, watched live without a gap.')
    .version(deps.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => deps.terminal.write(text), writeErr: () => undefined })
    .configureHelp({
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`.trim(),
      commandUsage: (command) => new Help().commandUsage(command).trim(),
    })
    .showSuggestionAfterError(true);
  program.addHelpText('after', EPILOGUE);

  program.commandsGroup('The server:');
  for (const { name, usage, description, help, run } of deps.serverCommands) {
    program
      .command(name)
      // Without one, commander would write that it takes arguments.
      .usage(usage === '' ? ' ' : usage)
      .description(description)
      .addHelpText('after', help === undefined ? '' : `\n${help}`)
      .argument('[arguments...]')
      .allowUnknownOption()
      .action(async (rest: readonly string[]) => void (exitCode = await run(rest)));
  }
  program.commandsGroup('Orders, over the API:');
  const run = async (options: ApiOptions, work: Parameters<Parameters<Register>[1]>[1]): Promise<void> => {
    exitCode = await withClient(options, work, deps);
  };
  for (const register of CLIENT_COMMANDS) register(program, run);
  program.commandsGroup('Others:');
  registerMachine(program, () => output(deps, false));
  program
    .command('completion <shell>')
    .description(`print a completion script for ${SHELLS.join(', ')}`)
    .action((shell: string) => output(deps, false).line(completionScript(program, shell)));

  if (args.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return ofCommander(error, args, program);
    throw error;
  }
}

async function withClient(
  { url, transport, json }: ApiOptions,
  work: Parameters<Parameters<Register>[1]>[1],
  deps: CliDeps,
): Promise<number> {
  const { apiKey, terminal } = deps;
  const client = openClient(url ?? deps.url ?? DEFAULT_URL, transport, apiKey);
  const signal = deps.interrupted();
  try {
    return await work({ client, output: output(deps, json ?? !terminal.isTerminal), signal });
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    const code = exitCodeOf(error);
    if (code === null || !(error instanceof Error) || error instanceof OperatorError) throw error;
    throw new CliError(describeError(error), code, error);
  }
}

/** Ends the command line with this text and exit code. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, cause: unknown) {
    super(message, { cause });
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

function openClient(
  url: string,
  transport: ApiOptions['transport'],
  apiKey: string | undefined,
): FillstreamClient {
  const urls = url.split(/[\s,]+/).filter(Boolean);
  try {
    return new FillstreamClient({
      url: urls,
      transport,
      retryForMs: RETRY_FOR_MS,
      ...(apiKey === undefined ? {} : { apiKey }),
    });
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function output({ terminal }: CliDeps, json: boolean): Output {
  return openOutput(terminal, json);
}

/** @throws OperatorError for arguments that cannot be used */
function ofCommander(error: CommanderError, args: readonly string[], program: Command): number {
  if (error.exitCode === 0) return EXIT.ok;
  if (error.code === 'commander.unknownCommand') {
    throw new OperatorError(`There is no command "${args[0] ?? ''}"\n\n${program.helpInformation()}`);
  }
  const said = error.message.replace(/^error: /, '').replace('\n(', ' (');
  const command = program.commands.find((each) => each.name() === args[0]);
  const expected =
    command === undefined
      ? 'fillstream help lists the commands'
      : `expected ${new Help().commandUsage(command)}; fillstream help ${command.name()} explains it`;
  throw new OperatorError(`${said}: ${expected}`, { cause: error });
}

const EPILOGUE = `
Orders are swapped on a private chain, unless RPC_URL names another or EXECUTION=simulated swaps nothing.
Settings of the server are environment variables, also from a file .env: see docs/reference/settings.md.
Commands over the API read FILLSTREAM_URL and FILLSTREAM_API_KEY. Where the output is not a terminal they print JSON lines.
Exit codes: 0 done, 1 an order failed or a check found something, 2 usage or settings, 3 refused, 4 no answer, 130 interrupted.`;
