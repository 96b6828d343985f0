/** CPU time and memory of processes, from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** USER_HZ: the unit of /proc/<pid>/stat, 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/** User and system time of a process and all its threads. */
export function cpuSeconds(pid: number): number {
  return seconds(statOf(pid).slice(11, 13));
}

/** The same for a process and all its descendants, including ended ones that were waited for. */
export function treeCpuSeconds(root: number): number {
  const stats = new Map(
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
      .map((pid) => [pid, statOf(pid)]),
  );
  const below = (pid: number): number =>
    [...stats].reduce(
      (sum, [child, stat]) => (Number(stat[1]) === pid ? sum + below(child) : sum),
      seconds(stats.get(pid)?.slice(11, 15) ?? []),
    );
  return below(root);
}

/** The busy time of the machine's cores, for all processes. */
export function machineCpuSeconds(): number {
  // cpu user nice system idle iowait irq softirq steal
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/);
  return seconds([user, nice, system, irq, softirq, steal]);
}

/** Its peak memory (VmHWM). */
export function peakMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

interface RunFile {
  readonly redis: { readonly pid: number };
  readonly anvil?: { readonly pid: number };
}

/** The redis-server of a data folder. */
export function redisPid(dataDir: string): number {
  return readRunFile(dataDir).redis.pid;
}

/** The anvil of a data folder. Null: there is none. */
export function anvilPid(dataDir: string): number | null {
  return readRunFile(dataDir).anvil?.pid ?? null;
}

function readRunFile(dataDir: string): RunFile {
  return JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as RunFile;
}

/** The fields after the name. Empty: the process has ended. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function seconds(ticks: readonly (string | undefined)[]): number {
  return ticks.reduce((sum, each) => sum + Number(each ?? 0), 0) / TICKS_PER_SECOND;
}
