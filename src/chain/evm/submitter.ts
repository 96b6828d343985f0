/** The submitter on an EVM chain: the sole holder of keys. What makes it safe is in docs/explanation/signers-ledger.md. */
import { hash } from 'node:crypto';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Hash } from 'viem';
import { OtherChain } from '../../store/ledger.ts';
import { StoreUnavailable } from '../../store/ports.ts';
import { every } from '../../runtime/time.ts';
import type { Submitter } from '../port.ts';
import { broadcastSwap } from './broadcast.ts';
import { cancelSwap } from './cancel.ts';
import { confirmSwap } from './confirm.ts';
import { chainAccountId, accountIdOf } from './deps.ts';
import { Resender, type ResenderDeps } from './resender.ts';
import { mineSwap } from './mine.ts';
import { signSwap } from './sign-swap.ts';
import { halted, type TransactionSigner } from './signing/transaction-signer.ts';

export interface EvmSubmitter extends Submitter {
  /** Stops keeping the signers. What is being waited for is ended by its own signal. */
  close(): Promise<void>;
}

/**
 * Opens the ledger of each signer, and keeps it from now on.
 * @throws OtherChain when the ledger belongs to another chain of this id; Error when the node answers another chain id than was set
 */
export async function openEvmSubmitter(deps: ResenderDeps): Promise<EvmSubmitter> {
  const { node, ledger, settings, chainId, log } = deps;
  if (deps.signers.length === 0) throw new Error('a submitter needs at least one signer');
  const [answered, genesis] = await Promise.all([node.chainId(), node.genesis()]);
  if (answered !== chainId) throw new Error(`the node answers chain ${answered}: expected ${chainId}`);
  await ledger.accounts.open(chainAccountId(chainId), genesis, 0);
  const signers = [...deps.signers].sort((one, other) => (one.address < other.address ? -1 : 1));
  for (const { address } of signers) await openAccount(address, genesis);
  const stops = signers.map((signer) => keep(signer));

  async function openAccount(address: TransactionSigner['address'], found: Hash): Promise<void> {
    const accountId = accountIdOf(chainId, address);
    const opened = await ledger.accounts.open(accountId, found, await node.nonceOf(address));
    if (opened.genesis !== found) throw new OtherChain(accountId, opened.genesis, found);
    if (opened.halted !== null) log.warn({ accountId, halted: opened.halted }, 'signer is halted');
  }

  function keep(signer: TransactionSigner): () => Promise<void> {
    const resender = new Resender(deps, signer);
    return every(
      settings.pollMs,
      () => resender.look(),
      (thrown) => {
        if (thrown instanceof EffectError || thrown instanceof StoreUnavailable) {
          log.info({ signer: signer.address, why: thrown.message }, 'the resender waits');
        } else log.error({ err: thrown, signer: signer.address }, 'the resender met a defect');
      },
    );
  }

  function signerAt(address: string): TransactionSigner {
    const signer = signers.find((each) => each.address.toLowerCase() === address.toLowerCase());
    if (signer !== undefined) return signer;
    throw new EffectError('wait', 'signer_gone', `The signer ${address} is not configured here`);
  }

  /** The ledger lies in the store: while that is away, an order waits. */
  async function told<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (thrown) {
      if (!(thrown instanceof StoreUnavailable)) throw thrown;
      throw new EffectError('wait', 'ledger_unavailable', "The signer's ledger cannot be reached", {
        cause: thrown,
      });
    }
  }

  return {
    /** The same one in every process, as long as none is halted or taken away. */
    assignSigner: ({ orderId }) =>
      told(async () => {
        const first = parseInt(hash('sha256', orderId, 'hex').slice(0, 8), 16) % signers.length;
        const inTurn = [...signers.slice(first), ...signers.slice(0, first)];
        let last: { readonly message: string } | null = null;
        for (const { address } of inTurn) {
          last = (await ledger.accounts.read(accountIdOf(chainId, address))).halted;
          if (last === null) return address;
        }
        throw halted(last ?? { message: 'there is none' });
      }),
    sign: (input, execution) => told(() => signSwap(deps, signerAt(input.signer), input, execution)),
    broadcast: (input, { signal }) =>
      told(async () => {
        await broadcastSwap(deps, signerAt(input.signer), input, signal);
        return {};
      }),
    mine: (input, execution) => told(() => mineSwap(deps, signerAt(input.signer), input, execution)),
    confirm: (input, { signal }) => told(() => confirmSwap(deps, signerAt(input.signer), input, signal)),
    cancel: (input, { signal }) => told(() => cancelSwap(deps, signerAt(input.signer), input, signal)),

    async close() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
