/**
 * The dumps of the chain's state. anvil writes its file in place, once a second: a kill in between leaves half of it. So the
 * owner keeps a copy of the last one and of the one before, and a start takes the first that is whole.
 */
import { constants, copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import { checkDump, type DumpState } from './dump-check.ts';

export interface ChainDumps {
  /** The one that anvil writes. */
  readonly file: string;
  /** Called again and again while anvil runs: copies a dump that is new and whole. */
  keep(): Promise<void>;
  /** Called before a start: puts the last dump that is whole where anvil looks. */
  restore(): Restored;
}

/**
 * `torn`: none is better than one that is at odds with itself. `fresh`: there was none. `lost`: there were some, and none can
 * be read; the last is set aside.
 */
export type Restored = 'as it was' | 'from a copy' | 'torn' | 'fresh' | 'lost';

export function chainDumps(file: string): ChainDumps {
  const copies = [`${file}.1`, `${file}.2`] as const;
  let seen = '';
  let copied = '';

  return {
    file,

    async keep() {
      const stamp = stampOf(file);
      // Two looks in a row found it the same: nobody writes it now.
      const isSettled = stamp === seen;
      seen = stamp;
      if (!isSettled || stamp === '' || stamp === copied || !(await endsWhole(file))) return;
      await copyFile(file, `${file}.new`, constants.COPYFILE_FICLONE);
      if (stampOf(file) !== stamp) return;
      if (existsSync(copies[0])) renameSync(copies[0], copies[1]);
      renameSync(`${file}.new`, copies[0]);
      copied = stamp;
    },

    restore() {
      seen = '';
      copied = '';
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

/** Changes with every write; empty where there is no file. */
function stampOf(file: string): string {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.mtimeNs}:${stats.size}`;
}

/** Cheap, and no proof: half a dump may happen to end so. That is what the second copy is for. */
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
