/** What a process has cost so far, from Linux's /proc. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** USER_HZ: the unit of /proc/<pid>/stat, 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/** User and system time of a process and all its threads. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The most memory it ever held (VmHWM). */
export function peakMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** The server and its redis-server, in this order. */
export function stackPids(server: number, dataDir: string): readonly number[] {
  const run: unknown = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));
  const redis = (run as { redis: { pid: number } }).redis.pid;
  return [server, redis];
}
