/** Shared by the suites of the embedded Redis: a data folder, and other processes that open it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { openEmbeddedRedis, type EmbeddedRedis } from '../../src/embedded/redis/embedded-redis.ts';
import { pingRedis } from '../../src/embedded/redis/redis-child.ts';
import { readRunFile } from '../../src/embedded/run-file.ts';
import { eventually } from '../support/eventually.ts';
import { program } from '../support/programs.ts';
import { tempDir } from '../support/temp-dir.ts';

const openedSchema = z.object({ socketPath: z.string(), isOwner: z.boolean() });
const silent = { info: () => undefined, warn: () => undefined };

export class Supervisor {
  readonly #child: ChildProcess;
  stdout = '';
  stderr = '';

  /** @param childArguments arguments of `node`: a program that supervises the data folder until it is stopped */
  constructor(childArguments: readonly string[], dataDir: string, env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(process.execPath, [...childArguments, dataDir], { env });
    this.#child.stdout?.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.#child.stderr?.on('data', (data: Buffer) => (this.stderr += data.toString()));
  }

  /** The first line that it prints, as JSON. */
  async firstLine(): Promise<unknown> {
    const line = await eventually(
      () => {
        if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.stderr}`);
        return this.stdout;
      },
      (text) => text.endsWith('\n'),
    );
    return JSON.parse(line);
  }

  async opened(): Promise<z.infer<typeof openedSchema>> {
    return openedSchema.parse(await this.firstLine());
  }

  async end(signal?: NodeJS.Signals): Promise<number | null> {
    const isRunning = this.#child.exitCode === null && this.#child.signalCode === null;
    const gone = isRunning ? new Promise((resolve) => this.#child.once('close', resolve)) : null;
    if (signal !== undefined) this.#child.kill(signal);
    await gone;
    return this.#child.exitCode;
  }
}

export class DataFolder {
  readonly #dir = tempDir();
  readonly path: string;
  readonly runFile: string;
  readonly #opened: EmbeddedRedis[] = [];
  readonly #supervisors: Supervisor[] = [];

  constructor(under: (tempPath: string) => string = (path) => path) {
    this.path = under(this.#dir.path);
    this.runFile = join(this.path, 'run.json');
  }

  async open(): Promise<EmbeddedRedis> {
    const redis = await openEmbeddedRedis({ dataDir: this.path, log: silent });
    this.#opened.push(redis);
    return redis;
  }

  openElsewhere(env?: NodeJS.ProcessEnv): Supervisor {
    const supervisor = new Supervisor(program('test/embedded/supervise-redis.ts'), this.path, env);
    this.#supervisors.push(supervisor);
    return supervisor;
  }

  pid(): number {
    const pid = readRunFile(this.runFile)?.redis?.pid;
    if (pid === undefined) throw new Error('no server is noted');
    return pid;
  }

  /** Waits until another server than this pid is noted, and answers. */
  async isReplaced(pid: number, socketPath: string, withinMs = 2_000): Promise<void> {
    await eventually(
      async () => (readRunFile(this.runFile)?.redis?.pid ?? pid) !== pid && (await pingRedis(socketPath)),
      (replaced) => replaced,
      withinMs,
    );
  }

  /** Leaves no process behind: the last one that opens the folder becomes its owner, and stops the server. */
  async end(): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.end('SIGKILL')));
    const { socketPath } = await this.open();
    for (const redis of this.#opened) await redis.close();
    if (dirname(socketPath) !== this.path) rmdirSync(dirname(socketPath));
    this.#dir.remove();
  }
}
