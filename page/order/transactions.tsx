import { transactionUrl } from '../api/chain.ts';
import { Copy } from '../parts/copy.tsx';
import { shortHex } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import type { OrderStore } from './order-store.ts';

/** Every transaction that was signed for the order. At most one of those with the same nonce executes. */
export function Transactions({ store }: { readonly store: OrderStore }) {
  const transactions = store.order.value?.transactions ?? [];
  const last = store.entries.value.at(-1)?.message;
  const executed = last?.type === 'confirmed' ? last : null;
  if (transactions.length === 0) return null;
  return (
    <section class="card" aria-label="Transactions">
      <h2>
        Transactions
        <span>{transactions.length}</span>
      </h2>
      <ul class="transactions">
        {transactions.map(({ hash, signer, nonce }) => (
          <li key={hash}>
            <Hash hash={hash} />
            <span class="faint">{`nonce ${nonce} of ${shortHex(signer)}`}</span>
            {executed?.transactionHash === hash && (
              <em class="ok">{`executed in block ${executed.block}`}</em>
            )}
          </li>
        ))}
      </ul>
    </section>
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
