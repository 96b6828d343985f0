/** Deploys on the chain at the first argument, with its files in the second; says so, and stays until it is killed. */
import { deployLocalChain } from '../../../src/chain/local/deployment/deploy.ts';

const [rpcUrl = '', chainDir = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined };

process.stdout.write('begun\n');
const { chain } = await deployLocalChain({ rpcUrl, chainDir, log: silent });
process.stdout.write(`${JSON.stringify(chain)}\n`);
