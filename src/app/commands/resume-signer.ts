/** `resume-signer`: for the operator, after checking what else was signed with a halted signer's key. */
import { isAddress, type Address } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { openChainNode } from '../../chain/evm/node/chain-node.ts';
import { chainAccountId, accountIdOf } from '../../chain/evm/submitter-context.ts';
import { resumeSigner } from '../../chain/evm/nonces/resume-signer.ts';
import { passNothing } from '../../crash-points.ts';
import type { Config } from '../../settings/config.ts';
import { openDataDir } from '../../settings/data-dir.ts';
import { OtherChain, UnknownAccount, type SignerLedger } from '../../store/ledger.ts';
import { OperatorError } from '../../operator-error.ts';
import { openStore } from '../adapters/open-store.ts';

/** Needs no key. Workers may run at the same time. @throws OperatorError */
export async function runResumeSigner(
  address: string | undefined,
  config: Config,
  print: (line: string) => void,
): Promise<void> {
  const checked = checkedAddress(address);
  mustHaveChain(config);
  const store = await openStore(config, openDataDir(config.DATA_DIR), passNothing);
  try {
    await resumeSignerOf(store.ledger, checked, config, print);
  } finally {
    await store.close();
  }
}

/** @throws OperatorError */
export async function resumeSignerOf(
  ledger: SignerLedger,
  sentAddress: string,
  config: Config,
  print: (line: string) => void,
): Promise<void> {
  const address = checkedAddress(sentAddress);
  const { CONFIRMATIONS: confirmations, FINALITY: finality } = config;
  const rpcUrl = mustHaveChain(config);
  try {
    const node = openChainNode(rpcUrl);
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
  }
}

/** @throws OperatorError */
function checkedAddress(address: string | undefined): Address {
  if (address !== undefined && isAddress(address)) return address;
  throw new OperatorError(
    `${['resume-signer', ...(address === undefined ? [] : [address])].join(' ')}: expected the signer's address, 0x and 40 hex digits`,
  );
}

/** @throws OperatorError */
function mustHaveChain({ RPC_URL: rpcUrl }: Config): string {
  if (rpcUrl !== undefined) return rpcUrl;
  throw new OperatorError(
    'RPC_URL is not set: expected the chain of the halted signer ' +
      '(signers of a private chain are not halted: no other process has their keys)',
  );
}
