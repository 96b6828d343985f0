import { useEffect } from 'preact/hooks';
import { NATIVE_COIN } from '../../machines/native-coin.ts';
import type { OrderView } from '../../src/protocol/views.ts';
import { confirmationsOf, tokenOf, transactionUrl, watchHead } from '../api/chain.ts';
import { Copy } from '../parts/copy.tsx';
import { Amount } from '../parts/amount.tsx';
import { shortHex } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import type { OrderStore } from './order-store.ts';

type Transaction = OrderView['transactions'][number];

/** Every transaction that was signed for the order, with what the chain says of it. At most one of those with the same nonce executes. */
export function Transactions({ store }: { readonly store: OrderStore }) {
  const transactions = store.order.value?.transactions ?? [];
  if (transactions.length === 0) return null;
  return (
    <section class="card" aria-label="Transactions">
      <h2>
        Transactions
        <span>{transactions.length}</span>
      </h2>
      <ul class="transactions">
        {transactions.map((each) => (
          <li key={each.hash}>
            <Hash hash={each.hash} />
            <Outcome transaction={each} hasEnded={store.hasEnded.value} />
            <span class="faint">
              {`${each.kind === 'cancel' ? 'cancels ' : ''}nonce ${each.nonce} of ${shortHex(each.signer)}`}
            </span>
            {each.paid != null && <Gas paid={each.paid} used={each.gasUsed ?? null} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface OutcomeProps {
  readonly transaction: Transaction;
  readonly hasEnded: boolean;
}

function Outcome({ transaction: { status, block, kind }, hasEnded }: OutcomeProps) {
  switch (status) {
    case 'success':
      return (
        <>
          <em class="ok">{`${kind === 'cancel' ? 'mined' : hasEnded ? 'executed' : 'mined'} in block ${block}`}</em>
          {!hasEnded && block != null && <ConfirmationCount block={block} />}
        </>
      );
    case 'reverted':
      return (
        <>
          <em class="bad">{`reverted${block == null ? '' : ` in block ${block}`}`}</em>
          {!hasEnded && block != null && <ConfirmationCount block={block} />}
        </>
      );
    case 'replaced':
      return <em class="off">replaced</em>;
    default:
      return <em class="off">{hasEnded ? 'not mined' : 'waits to be mined'}</em>;
  }
}

/** @param paid wei @param used units of gas; null: not known */
function Gas({ paid, used }: { readonly paid: string; readonly used: string | null }) {
  return (
    <span class="gas" title={used === null ? undefined : `${used} units of gas`}>
      gas {tokenOf(NATIVE_COIN) === undefined ? `${paid} wei` : <Amount amount={paid} token={NATIVE_COIN} />}
    </span>
  );
}

/** Counts up while the order waits for them. */
function ConfirmationCount({ block }: { readonly block: number }) {
  useEffect(watchHead, []);
  const known = confirmationsOf(block);
  if (known === null) return <span class="faint">waits for confirmations</span>;
  const { count, of } = known;
  return (
    <span class="confirmations" role="status">
      <progress value={count} max={of} aria-label="Confirmations" />
      {`${count} of ${of} confirmation${of === 1 ? '' : 's'}`}
    </span>
  );
}

function Hash({ hash }: { readonly hash: string }) {
  const url = transactionUrl(hash);
  return (
    <span class="hash">
      <code title={hash}>{shortHex(hash)}</code>
      <Copy text={hash} label="Copy the transaction hash" />
      {url !== null && (
        <a
          class="icon-button"
          href={url}
          target="_blank"
          rel="noreferrer"
          title="Open in the explorer"
          aria-label="Open in the explorer"
        >
          <Icon name="out" />
        </a>
      )}
    </span>
  );
}
