import { now } from '../app/clock.ts';
import { hrefOf } from '../app/router.ts';
import { ageText, amountText, readable, shortId, tokenName } from '../parts/format.ts';
import { Pill } from '../parts/pill.tsx';
import { toneOf } from '../parts/tone.ts';
import type { Row } from './row.ts';

interface OrderRowProps {
  readonly row: Row;
  readonly index: number;
  readonly top: number;
  readonly isSelected: boolean;
}

export function OrderRow({ row, index, top, isSelected }: OrderRowProps) {
  const { sellToken, buyToken, sellAmount, executedBuyAmount, note } = row;
  const tone = toneOf(row.status, row.isWaiting);
  return (
    <div
      class={isSelected ? 'row selected' : 'row'}
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" class="id">
        <a href={hrefOf(`orders/${row.orderId}`)} title={row.orderId}>
          <code>{shortId(row.orderId)}</code>
        </a>
        {row.clientOrderId !== null && <small>{row.clientOrderId}</small>}
      </span>
      <span role="cell" class="money">
        {sellToken !== null && sellAmount !== null && (
          <>
            {amountText(sellAmount, sellToken)} <b>{tokenName(sellToken)}</b>
          </>
        )}
      </span>
      <span role="cell" class="money">
        {buyToken !== null && (
          <>
            {executedBuyAmount !== null && `${amountText(executedBuyAmount, buyToken)} `}
            <b>{tokenName(buyToken)}</b>
          </>
        )}
      </span>
      <span role="cell">
        <Pill state={row.state} tone={tone} />
      </span>
      <span role="cell" class={`progress ${tone}`} title={`${row.progress} %`}>
        <i style={{ width: `${row.progress}%` }} />
        <span class="hidden">{`${row.progress} percent`}</span>
      </span>
      <span role="cell" class={row.isHeld ? 'note bad' : 'note'}>
        {row.isHeld && <b>held </b>}
        {note === null ? (row.attempt > 1 ? `attempt ${row.attempt}` : '') : readable(note.message)}
      </span>
      <span role="cell" class="age">
        {ageText(now.value - row.updatedAt)}
      </span>
    </div>
  );
}
