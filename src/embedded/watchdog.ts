/**
 * Ends a private server once no process owns its data folder any more: a server outlives an owner that was killed, so that the next one
 * can adopt it, but not for ever. A shell of a few hundred kilobytes does it, because it must outlive every process of Fillstream.
 */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_EVERY_S = 2;
/** Looks without an owner: another process takes a folder over within 200 ms, a service manager restarts one within seconds. */
const LOOKS_WITHOUT_OWNER = 3;

/** The server must end within this time after the last owner was killed. */
export const ENDS_WITHIN_MS = (LOOKS_WITHOUT_OWNER + 1) * LOOK_EVERY_S * 1_000;

const SCRIPT = `
looks=0
while sleep ${LOOK_EVERY_S}; do
  kill -0 "$1" 2>/dev/null || exit 0
  owner=$(cat "$2" 2>/dev/null)
  if [ -n "$owner" ] && kill -0 "$owner" 2>/dev/null; then looks=0; continue; fi
  looks=$((looks + 1))
  if [ "$looks" -ge ${LOOKS_WITHOUT_OWNER} ]; then kill "$1" 2>/dev/null; exit 0; fi
done
`;

function ownerFileOf(folder: string): string {
  return join(folder, 'owner.pid');
}

/** This process owns the folder from now on. */
export function noteOwner(folder: string): void {
  writeFileSync(ownerFileOf(folder), String(process.pid), { mode: 0o600 });
}

export function forgetOwner(folder: string): void {
  rmSync(ownerFileOf(folder), { force: true });
}

/** Watches until the server ends. */
export function startWatchdog(folder: string, serverPid: number): void {
  const watchdog = spawn(
    'sh',
    ['-c', SCRIPT, 'fillstream-watchdog', String(serverPid), ownerFileOf(folder)],
    {
      stdio: 'ignore',
      detached: true,
    },
  );
  // Without a shell a server may outlive its owner, as before.
  watchdog.on('error', () => undefined);
  watchdog.unref();
}
