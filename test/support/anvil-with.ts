/** An anvil with arguments of a test's own, which mines only when the test says so. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { findAnvil } from '../../src/embedded/anvil/anvil-binary.ts';
import { LOCAL_CHAIN_ID, pingAnvil } from '../../src/embedded/anvil/anvil-child.ts';
import { choosePort } from '../../src/embedded/anvil/chain-port.ts';
import { eventually } from './eventually.ts';
import { tempDir } from './temp-dir.ts';

export interface AnvilWith {
  readonly rpcUrl: string;
  close(): Promise<void>;
}

export async function anvilWith(...args: readonly string[]): Promise<AnvilWith> {
  const dir = tempDir();
  const port = await choosePort(join(dir.path, 'port'));
  const fixed = [
    '--port',
    `${port}`,
    '--chain-id',
    `${LOCAL_CHAIN_ID}`,
    '--no-mining',
    '--slots-in-an-epoch',
    '1',
    '--quiet',
  ];
  const child: ChildProcess = spawn(findAnvil(), [...fixed, '--gas-limit', '500000000', ...args], {
    cwd: dir.path,
    stdio: 'ignore',
  });
  await eventually(
    () => pingAnvil(port),
    (answers) => answers,
  );
  return {
    rpcUrl: `http://127.0.0.1:${port}`,
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      dir.remove();
    },
  };
}
