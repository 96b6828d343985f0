/** A process that supervises the chain of a data folder (its argument) until SIGTERM or SIGKILL. Prints its address. */
import { openEmbeddedAnvil } from '../../src/embedded/anvil/embedded-anvil.ts';

const [dataDir = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined };

const anvil = await openEmbeddedAnvil({ dataDir, blockTimeMs: 1_000, log: silent });
process.stdout.write(`${JSON.stringify({ rpcUrl: anvil.rpcUrl, isOwner: anvil.isOwner() })}\n`);
process.once('SIGTERM', () => void anvil.close());
