/** Opens the store of a file, fills the disk, and prints what reads and the check say then. */
import { spawnSync } from 'node:child_process';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';

const [, , file = ''] = process.argv;
const store = await openSqliteStore({ file });
await store.check();
// A limit on the size of files is to SQLite what a full disk is: the kernel refuses the write.
const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=1024:1024']);
if (status !== 0) throw new Error(`prlimit: ${String(stderr)}`);
process.stdout.write(`reads: ${JSON.stringify(await store.orders.load('a'))}\n`);
process.stdout.write(`check: ${await store.check().then(() => 'ok', String)}\n`);
process.exit(0);
