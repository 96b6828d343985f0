/** `resume-signer`: for the operator, after checking what else was signed with a halted signer's key. */
import { isAddress } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { openChainNode } from '../../chain/evm/node/chain-node.ts';
import { chainAccountId, accountIdOf } from '../../chain/evm/submitter-context.ts';
import { resumeSigner } from '../../chain/evm/nonces/resume-signer.ts';
import { passNothing } from '../../crash-points.ts';
import type { Config } from '../../settings/config.ts';
import { openDataDir } from '../../settings/data-dir.ts';
import { OtherChain, UnknownAccount } from '../../store/ledger.ts';
import { OperatorError } from '../../operator-error.ts';
import { openStore } from '../adapters/open-store.ts';

/** Needs no key. Workers may run at the same time. @throws OperatorError */
export async function runResumeSigner(
  address: string | undefined,
  config: Config,
  print: (line: string) => void,
): Promise<void> {
  if (address === undefined || !isAddress(address)) {
    throw new OperatorError(
      `resume-signer ${address ?? ''}: expected the signer's address, 0x and 40 hex digits`,
    );
  }
  const { RPC_URL: rpcUrl, CONFIRMATIONS: confirmations, FINALITY: finality } = config;
  if (rpcUrl === undefined) {
    throw new OperatorError(
      'RPC_URL is not set: expected the chain of the halted signer ' +
        '(signers of a private chain are not halted: no other process has their keys)',
    );
  }
  const store = await openStore(config, openDataDir(config.DATA_DIR), passNothing);
  try {
    const node = openChainNode(rpcUrl);
    const { ledger } = store;
    const chainId = await node.chainId();
    await ledger.accounts.open(chainAccountId(chainId), await node.genesis(), 0);
    const { halted } = await ledger.accounts.read(accountIdOf(chainId, address));
    print(halted === null ? `${address} is not halted.` : `Halted: ${halted.message}`);
    const used = await resumeSigner(
      { chainId, node, ledger, settings: { confirmations, finality } },
      { address },
    );
    for (const { hash, block, status } of used)
      print(`closed: the nonce that ${hash} used in block ${block} (${status})`);
    print(`${address} signs again.`);
  } catch (error) {
    if (error instanceof UnknownAccount) {
      throw new OperatorError(`${address} has signed nothing for this store: expected one of its signers`, {
        cause: error,
      });
    }
    if (error instanceof OtherChain || error instanceof EffectError) {
      throw new OperatorError(error.message, { cause: error });
    }
    throw error;
  } finally {
    await store.close();
  }
}
