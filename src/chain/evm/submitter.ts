/** The submitter on an EVM chain. docs/explanation/signers-ledger.md says what makes it safe. */
import type { Hash } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { OtherChain } from '../../store/ledger.ts';
import { StoreUnavailable } from '../../store/ports.ts';
import type { Submitter } from '../port.ts';
import { broadcastSwap } from './broadcast.ts';
import { cancelSwap } from './cancel.ts';
import { chooseSigner } from './funds/choose-signer.ts';
import { signerStates, type SignerState } from './funds/signer-states.ts';
import { confirmSwap } from './confirm.ts';
import { chainAccountId, accountIdOf } from './submitter-context.ts';
import { Resender, type ResenderContext } from './resender.ts';
import { runResender } from './run-resender.ts';
import { mineSwap } from './mine.ts';
import { PendingApprovals } from './funds/pending-approvals.ts';
import { signSwap } from './sign-swap.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export interface EvmSubmitter extends Submitter {
  /** For operators. @throws EffectError where the node gives no answer, StoreUnavailable */
  readonly signerStates: () => Promise<readonly SignerState[]>;
  /** Stops the resenders. Calls that wait end by their own signals. */
  close(): Promise<void>;
}

/**
 * Opens the account of each signer, and starts its resender.
 * @throws OtherChain when the ledger belongs to another chain of this id; Error when the node has another chain id than was set
 */
export async function openEvmSubmitter(opened: ResenderContext): Promise<EvmSubmitter> {
  const context = { approvals: new PendingApprovals(), ...opened };
  const { node, ledger, chainId, log } = context;
  if (context.signers.length === 0) throw new Error('a submitter needs at least one signer');
  const [answered, genesis] = await Promise.all([node.chainId(), node.genesis()]);
  if (answered !== chainId) throw new Error(`the node is on chain ${answered}: expected ${chainId}`);
  await ledger.accounts.open(chainAccountId(chainId), genesis, 0);
  const signers = [...context.signers].sort((one, other) => (one.address < other.address ? -1 : 1));
  for (const { address } of signers) await openAccount(address, genesis);
  const stops = signers.map((signer) => startResender(signer));

  async function openAccount(address: TransactionSigner['address'], found: Hash): Promise<void> {
    const accountId = accountIdOf(chainId, address);
    const opened = await ledger.accounts.open(accountId, found, await node.transactionCount(address));
    if (opened.genesis !== found) throw new OtherChain(accountId, opened.genesis, found);
    if (opened.halted !== null) log.warn({ accountId, halted: opened.halted }, 'signer is halted');
  }

  function startResender(signer: TransactionSigner): () => Promise<void> {
    const stop = new AbortController();
    const running = runResender(context, new Resender(context, signer), signer.address, stop.signal);
    return async () => {
      stop.abort();
      await running;
    };
  }

  function signerAt(address: string): TransactionSigner {
    const signer = signers.find((each) => each.address.toLowerCase() === address.toLowerCase());
    if (signer !== undefined) return signer;
    throw new EffectError('wait', 'signer_gone', `The signer ${address} is not configured here`);
  }

  /** The ledger is in the store: while that is unavailable, an order waits. */
  async function withLedgerErrors<T>(act: () => Promise<T>): Promise<T> {
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
    assignSigner: (terms) => withLedgerErrors(() => chooseSigner(context, signers, terms)),
    sign: (input, execution) =>
      withLedgerErrors(() => signSwap(context, signerAt(input.signer), input, execution)),
    broadcast: (input, { signal }) =>
      withLedgerErrors(async () => {
        await broadcastSwap(context, signerAt(input.signer), input, signal);
        return {};
      }),
    // A block takes longer than the write of the order: nothing is gained by looking before.
    mine: (input, execution) =>
      withLedgerErrors(async () => {
        await execution.durable();
        return mineSwap(context, signerAt(input.signer), input, execution);
      }),
    confirm: (input, { signal, durable }) =>
      withLedgerErrors(async () => {
        await durable();
        return confirmSwap(context, signerAt(input.signer), input, signal);
      }),
    cancel: (input, execution) =>
      withLedgerErrors(() => cancelSwap(context, signerAt(input.signer), input, execution)),

    signerStates: signerStates(context, signers),

    async close() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
