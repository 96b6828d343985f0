/** An api or worker process that is restarted when it dies, as by a service manager. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RoleProcessOptions {
  readonly role: 'api' | 'worker';
  /** The port of its health; an api accepts orders there, too. */
  readonly port: number;
  /** Arguments of `node` before the role. */
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** `CRASH_AT` for its next start, or null. */
  readonly nextCrashPoint?: () => string | null;
  /** It died or was paused. `workerId` is that of the process. */
  readonly onSilence?: (workerId: string | null, at: number) => void;
  readonly onDeath?: (death: Death) => void;
}

export interface Death {
  /** Its `CRASH_AT`, or null. */
  readonly crashPoint: string | null;
  /** `crash point`: at its crash point. `itself`: it ended without a kill. */
  readonly by: 'kill' | 'crash point' | 'itself';
  /** The last line of its log. */
  readonly lastLine: string;
}

const RESTART_AFTER_MS = 200;
const POLL_MS = 50;

export class RoleProcess {
  readonly url: string;
  readonly role: 'api' | 'worker';
  readonly #options: RoleProcessOptions;
  #child: ChildProcess | null = null;
  #isStopping = false;
  #wasKilled = false;
  #deaths = 0;

  constructor(options: RoleProcessOptions) {
    this.#options = options;
    this.role = options.role;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get deaths(): number {
    return this.#deaths;
  }

  start(): void {
    const { role, port, main, env, logFile, nextCrashPoint } = this.#options;
    const crashAt = nextCrashPoint?.() ?? null;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [...main, role], {
      env: {
        ...env,
        ...(role === 'api' ? { PORT: String(port) } : { HEALTH_PORT: String(port) }),
        ...(crashAt === null ? {} : { CRASH_AT: crashAt }),
      },
      stdio: ['ignore', log, log],
    });
    this.#child = child;
    this.#wasKilled = false;
    child.once('exit', () => {
      if (this.#isStopping) return;
      this.#deaths += 1;
      this.#reportSilence();
      this.#reportDeath(crashAt, child.signalCode);
      setTimeout(() => {
        if (!this.#isStopping) this.start();
      }, RESTART_AFTER_MS);
    });
  }

  async ready(withinMs: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_MS) {
      if (await this.isReady()) return;
      await sleep(POLL_MS);
    }
    throw new Error(`${this.role} was not ready within ${withinMs} ms; see ${this.#options.logFile}`);
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/ready`).catch(() => null);
    await answer?.arrayBuffer();
    return answer?.status === 200;
  }

  kill(): void {
    this.#wasKilled = true;
    this.#child?.kill('SIGKILL');
  }

  /** Pauses the process, like one that is swapped out or whose machine is suspended, and continues it. */
  async pause(ms: number): Promise<void> {
    const child = this.#child;
    child?.kill('SIGSTOP');
    this.#reportSilence();
    await sleep(ms);
    child?.kill('SIGCONT');
  }

  /** Stops it gracefully, without a restart. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }

  #reportDeath(crashPoint: string | null, signal: NodeJS.Signals | null): void {
    const { onDeath, logFile } = this.#options;
    if (onDeath === undefined) return;
    const diedThere = crashPoint !== null && signal === 'SIGKILL';
    const by = this.#wasKilled ? 'kill' : diedThere ? 'crash point' : 'itself';
    onDeath({ crashPoint, by, lastLine: readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? '' });
  }

  #reportSilence(): void {
    const log = readFileSync(this.#options.logFile, 'utf8');
    const workerId = [...log.matchAll(/"workerId":"([^"]+)"/g)].at(-1)?.[1] ?? null;
    this.#options.onSilence?.(workerId, Date.now());
  }
}
