/**
 * Backups of the chain's state. anvil writes its dump in place once a second, and a kill can leave half a file. So the owner
 * keeps copies of the last two dumps, and a start uses the newest one that is whole.
 */
import { constants, copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { checkDump, type DumpState } from './check-dump.ts';

export interface ChainDumps {
  /** The file that anvil writes. */
  readonly file: string;
  /** Copies the dump if it is new and whole. Call it repeatedly while anvil runs. */
  backUp(): Promise<void>;
  /** Puts the newest whole dump where anvil reads it. Call it before a start. */
  restore(): Restored;
}

/**
 * `torn`: the best dump is inconsistent. `fresh`: there was no dump. `lost`: no dump can be read, and the last one is kept under
 * another name.
 */
export type Restored = 'as it was' | 'from a copy' | 'torn' | 'fresh' | 'lost';

export function chainDumps(file: string): ChainDumps {
  const copies = [`${file}.1`, `${file}.2`] as const;
  let seenStamp = '';
  let copiedStamp = '';

  return {
    file,

    async backUp() {
      const stamp = stampOf(file);
      // Unchanged since the last call: anvil is not writing it now.
      const isSettled = stamp === seenStamp;
      seenStamp = stamp;
      if (!isSettled || stamp === '' || stamp === copiedStamp || !(await endsWhole(file))) return;
      await copyFile(file, `${file}.new`, constants.COPYFILE_FICLONE);
      if (stampOf(file) !== stamp) return;
      if (existsSync(copies[0])) renameSync(copies[0], copies[1]);
      renameSync(`${file}.new`, copies[0]);
      copiedStamp = stamp;
    },

    restore() {
      seenStamp = '';
      copiedStamp = '';
      const dumps = [file, ...copies].map((path) => ({ path, state: checkDump(path) }));
      const [best] = [...dumps.filter(isWhole), ...dumps.filter(isTorn)];
      if (best === undefined) {
        const wasThere = dumps.some(({ path }) => existsSync(path));
        if (existsSync(file)) renameSync(file, `${file}.unreadable`);
        for (const copy of copies) rmSync(copy, { force: true });
        return wasThere ? 'lost' : 'fresh';
      }
      if (best.path !== file) {
        copyFileSync(best.path, `${file}.new`);
        renameSync(`${file}.new`, file);
      }
      if (isTorn(best)) return 'torn';
      return best.path === file ? 'as it was' : 'from a copy';
    },
  };
}

/** Changes with every write. Empty if there is no file. */
function stampOf(file: string): string {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.mtimeNs}:${stats.size}`;
}

/** Cheap but not certain, because half a dump may also end this way. Then the second copy is used. */
async function endsWhole(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return buffer.toString() === '}';
  } finally {
    await handle.close();
  }
}

interface Checked {
  readonly path: string;
  readonly state: DumpState;
}

const isWhole = ({ state }: Checked): boolean => state === 'whole';
const isTorn = ({ state }: Checked): boolean => state === 'torn';
