/**
 * A reorganisation deeper than CONFIRMATIONS takes back nonces whose outcome the ledger holds for good: the chain has used fewer than
 * the ledger has closed. All that the signer signs from then on waits behind them. So the signer is halted, and what used those nonces
 * is sent again as far as that cannot execute an order twice.
 */
import type { Address } from 'viem';
import type {
  NonceOutcome,
  NonceReservation,
  ReservationOwner,
  SignerAccount,
} from '../../../store/ledger.ts';
import {
  accountIdOf,
  type AccountContext,
  type SignerAddress,
  type SubmitterContext,
} from '../submitter-context.ts';
import { asHex } from '../sign-and-store.ts';

export const CHAIN_TOOK_BACK = 'chain_took_back';

/** For how long nodes may lag behind the ledger, in poll intervals: half a minute at the default. */
const LAG_POLLS = 120;
/** Owners of closed nonces that are remembered, for those that a reorganisation takes back. */
const REMEMBERED = 1_024;

/** How many nonces of the signer the chain has used at its tracked head, where the ledger has closed more; null: it has not. */
export async function usedBelowBase(
  { node }: Pick<AccountContext, 'node'>,
  { address }: SignerAddress,
  { base }: Pick<SignerAccount, 'base'>,
): Promise<number | null> {
  const { number: head } = await node.head();
  const used = await node.transactionCount(address, head);
  return used < base ? used : null;
}

export function tookBackMessage(address: Address, used: number, base: number): string {
  return `the chain has used ${used} nonces of ${address}, and the ledger has closed ${base}: a reorganisation deeper than CONFIRMATIONS took transactions back that were final`;
}

export class TakenBackNonces {
  readonly #context: SubmitterContext;
  readonly #signer: SignerAddress;
  /** Of the nonces that this process has seen open. */
  readonly #owners = new Map<number, ReservationOwner>();
  #since: number | null = null;

  constructor(context: SubmitterContext, signer: SignerAddress) {
    this.#context = context;
    this.#signer = signer;
  }

  /** Halts the signer once the chain is behind for longer than a node may lag. While it is, sends again what can be. */
  async check(account: SignerAccount): Promise<void> {
    const { node, clock, settings } = this.#context;
    this.#remember(account.open);
    const about = await node.transactionCount(this.#signer.address);
    const used = about < account.base ? await usedBelowBase(this.#context, this.#signer, account) : null;
    if (used === null) {
      this.#since = null;
      return;
    }
    this.#since ??= clock.now();
    if (clock.now() - this.#since < LAG_POLLS * settings.pollMs) return;
    if (account.halted === null) await this.#halt(account, used);
    for (let nonce = used; nonce < account.base; nonce += 1) await this.#sendAgain(nonce);
  }

  async #halt({ accountId, base }: SignerAccount, used: number): Promise<void> {
    const { ledger, log } = this.#context;
    const message = tookBackMessage(this.#signer.address, used, base);
    const nonces = Array.from({ length: base - used }, (_, index) => used + index);
    const orders = nonces.map((nonce) => ({ nonce, orderId: this.#owners.get(nonce)?.orderId ?? 'unknown' }));
    log.error({ accountId, used, base, orders }, `signer halted: ${message}`);
    await ledger.accounts.halt(accountId, { code: CHAIN_TOOK_BACK, message });
  }

  async #sendAgain(nonce: number): Promise<void> {
    const { ledger, node, chainId } = this.#context;
    const owner = this.#owners.get(nonce);
    if (owner === undefined) return;
    const accountId = accountIdOf(chainId, this.#signer.address);
    const outcome = (await ledger.reservations.find(accountId, owner))?.outcome ?? null;
    if (outcome === null || !maySendAgain(outcome) || (await node.hasTransaction(asHex(outcome.hash))))
      return;
    const attempts = await ledger.attempts.of(accountId, owner);
    const attempt = attempts.find(({ hash }) => hash === outcome.hash);
    if (attempt !== undefined) await node.send(asHex(attempt.bytes));
  }

  #remember(open: readonly NonceReservation[]): void {
    for (const { nonce, orderId, epoch } of open) this.#owners.set(nonce, { orderId, epoch });
    for (const nonce of this.#owners.keys()) {
      if (this.#owners.size <= REMEMBERED) return;
      this.#owners.delete(nonce);
    }
  }
}

/** Not a swap that reverted: its order may have swapped with another nonce since, and it could succeed now. */
function maySendAgain({ kind, status }: NonceOutcome): boolean {
  return kind === 'cancel' || (kind !== 'foreign' && status === 'success');
}
