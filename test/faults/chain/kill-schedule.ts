/** The crash points at which workers are to die, and how often they did. */
import type { CrashPoint } from '../../../src/crash-points.ts';
import type { Death } from '../role-process.ts';

/** The steps of a transaction. Each point must be reached. */
const SUBMITTER_POINTS = [
  'submitter.allocated',
  'submitter.signed',
  'submitter.stored',
  'submitter.armed',
  'submitter.sending',
  'submitter.sent',
  'submitter.receipt',
] as const satisfies readonly CrashPoint[];

const POINTS_AROUND = [
  'effect.sign.begun',
  'effect.sign.ended',
  'effect.broadcast.begun',
  'effect.broadcast.ended',
  'effect.mine.begun',
  'effect.mine.ended',
  'effect.confirm.begun',
  'effect.confirm.ended',
  'effect.cancel.begun',
  'effect.cancel.ended',
  'worker.committing',
  'worker.committed',
  'store.committing',
  'store.committed',
] as const satisfies readonly CrashPoint[];

/** How many workers have a crash point at a time. The others continue their orders. */
const AT_A_TIME = 3;

/** A worker passes its point at most this many times before it dies there. A short run has fewer orders. */
const PASSES = 6;
const PASSES_IN_SHORT = 2;

export class KillSchedule {
  readonly #waiting: string[] = [];
  readonly #reached = new Map<string, number>();
  readonly #wanted: readonly string[];
  #given = 0;
  #atRandom = 0;
  #byItself = 0;

  /** @param rounds how often each point is to be reached. Less than 1: only the submitter's points, once */
  constructor(rounds: number, random: () => number) {
    const names = rounds < 1 ? SUBMITTER_POINTS : [...SUBMITTER_POINTS, ...POINTS_AROUND];
    const most = rounds < 1 ? PASSES_IN_SHORT : PASSES;
    this.#wanted = names;
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) {
        // Few orders pass these points.
        const passes = name.includes('cancel') ? 1 : 1 + Math.floor(random() * most);
        this.#waiting.push(`${name}#${passes}`);
      }
    }
    this.#waiting.sort(() => random() - 0.5);
  }

  /** `CRASH_AT` for the next start of a worker. */
  next(): string | null {
    if (this.#given >= AT_A_TIME) return null;
    const point = this.#waiting.shift() ?? null;
    if (point !== null) this.#given += 1;
    return point;
  }

  recordDeath({ crashPoint, by }: Death): void {
    if (crashPoint !== null) this.#given -= 1;
    if (by === 'crash point') {
      const name = nameOf(crashPoint ?? '');
      this.#reached.set(name, (this.#reached.get(name) ?? 0) + 1);
      return;
    }
    if (by === 'kill') this.#atRandom += 1;
    else this.#byItself += 1;
    // Next time the first passage is enough.
    if (crashPoint !== null) this.#waiting.push(`${nameOf(crashPoint)}#1`);
  }

  /** The number of points that are not reached yet. */
  get left(): number {
    return this.#waiting.length + this.#given;
  }

  get atRandom(): number {
    return this.#atRandom;
  }

  /** Kills at random and at crash points. */
  get kills(): number {
    return this.#atRandom + this.atPoints;
  }

  get atPoints(): number {
    return [...this.#reached.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Workers that ended without a kill: they do not start without the chain. */
  get byItself(): number {
    return this.#byItself;
  }

  /** The number of deaths at each wanted point, 0 included. */
  reached(): ReadonlyMap<string, number> {
    return new Map(this.#wanted.map((name) => [name, this.#reached.get(name) ?? 0]));
  }

  unreached(): readonly string[] {
    return [...this.reached()].filter(([, count]) => count === 0).map(([name]) => name);
  }
}

function nameOf(crashPoint: string): string {
  return crashPoint.split('#')[0] ?? '';
}
