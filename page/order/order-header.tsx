import type { ComponentChildren } from 'preact';
import { parseAmount } from '../../machines/amount.ts';
import { NATIVE_COIN } from '../../machines/native-coin.ts';
import { isFinal, statusOf } from '../../machines/order/state.ts';
import type { Chart } from '../../src/charts/chart.ts';
import type { OrderView, TransitionView } from '../../src/protocol/views.ts';
import { confirmationsOf, tokenOf } from '../api/chain.ts';
import type { MachineDoc } from '../api/machines.ts';
import { now } from '../app/clock.ts';
import { hrefOf } from '../app/router.ts';
import { Amount } from '../parts/amount.tsx';
import { Copy } from '../parts/copy.tsx';
import { ageText, amountText, durationText, readable, shortHex, tokenName } from '../parts/format.ts';
import { Pill } from '../parts/pill.tsx';
import { toneOf } from '../parts/tone.ts';
import { CancelButton, LiftHoldButton, RetryButton } from './commands.tsx';
import type { OrderStore } from './order-store.ts';

interface HeaderProps {
  readonly store: OrderStore;
  readonly doc: MachineDoc | undefined;
  /** In a frame of another page: without links and commands. */
  readonly isEmbedded?: boolean;
}

export function OrderHeader({ store, doc, isEmbedded = false }: HeaderProps) {
  const order = store.order.value;
  const entry = store.entry.value;
  const first = store.entries.value[0];
  if (order === null || entry === undefined || first === undefined) return null;
  const { message } = entry;
  const isWaiting =
    message.type === 'retry' || ('waitingFor' in message && message.waitingFor?.retryAt != null);
  const tone = toneOf(statusOf(entry.state), isWaiting);
  const startsAt = Date.parse(first.at);
  const endsAt = store.hasEnded.value ? Date.parse(store.entries.value.at(-1)?.at ?? first.at) : now.value;
  const attempt = 'attempt' in message && message.attempt > 1 ? `attempt ${message.attempt}` : null;
  const mined = order.transactions.find(({ block }) => block != null)?.block ?? null;
  const confirming = mined === null || store.hasEnded.value ? null : confirmationsOf(mined);
  const paid = order.transactions.reduce((sum, each) => sum + parseAmount(each.paid ?? '0'), 0n);
  const coin = tokenOf(NATIVE_COIN);
  return (
    <header class="order-head">
      <div class="crumbs">
        {!isEmbedded && (
          <>
            <a href={hrefOf('')}>Orders</a>
            <span aria-hidden="true">/</span>
          </>
        )}
        <code>{order.orderId}</code>
        <Copy text={order.orderId} label="Copy the order id" />
      </div>
      <h1>
        <Pill state={entry.state} tone={tone} />
        {!store.isLive.value && (
          <span class="past">{`step ${store.step.value + 1}, at ${durationText(Date.parse(entry.at) - startsAt)}`}</span>
        )}
        {!isEmbedded && <CancelButton store={store} order={order} />}
      </h1>
      <Deal order={order} isFilled={message.type === 'confirmed'} />
      <Stages
        entry={entry}
        entries={store.entries.value.slice(0, store.step.value + 1)}
        chart={doc?.chart}
        tone={tone}
      />
      <dl class="facts">
        <Fact name="Progress">{`${'lastProgress' in message ? message.lastProgress : message.progress} %`}</Fact>
        <Fact name={store.hasEnded.value ? 'Took' : 'Age'}>
          {store.hasEnded.value ? durationText(endsAt - startsAt) : ageText(endsAt - startsAt)}
        </Fact>
        {attempt !== null && <Fact name="Attempt">{attempt.replace('attempt ', '')}</Fact>}
        {order.venue !== null && <Fact name="Venue">{order.venue}</Fact>}
        {order.slippageBps !== null && <Fact name="Slippage">{`${order.slippageBps / 100} %`}</Fact>}
        {confirming !== null && <Fact name="Confirmations">{`${confirming.count} of ${confirming.of}`}</Fact>}
        {store.hasEnded.value && paid > 0n && coin !== undefined && (
          <Fact name="Gas paid">{`${amountText(paid.toString(), NATIVE_COIN)} ${coin.symbol}`}</Fact>
        )}
        {order.validTo !== null && !store.hasEnded.value && (
          <Fact name="Expires in">{ageText(order.validTo * 1_000 - now.value)}</Fact>
        )}
        {order.recipient !== null && <Fact name="Recipient">{shortHex(order.recipient)}</Fact>}
        {order.clientOrderId !== null && <Fact name="Your id">{order.clientOrderId}</Fact>}
      </dl>
      <Notes store={store} order={order} entry={entry} hasCommands={!isEmbedded} />
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What is given and what is got for it. */
function Deal({ order, isFilled }: { readonly order: OrderView; readonly isFilled: boolean }) {
  const { sellToken, buyToken, sellAmount, executedSellAmount, executedBuyAmount, minBuyAmount } = order;
  if (sellToken === null || buyToken === null) return <p class="deal">The terms cannot be read.</p>;
  if (sellAmount === null) {
    // A share link may hide amounts.
    return (
      <p class="deal">
        {isFilled ? 'Sold' : 'Sell'} <b>{tokenName(sellToken)}</b> for <b>{tokenName(buyToken)}</b>
      </p>
    );
  }
  if (isFilled && executedBuyAmount !== null) {
    return (
      <p class="deal">
        Sold <Amount amount={executedSellAmount ?? sellAmount} token={sellToken} /> for{' '}
        <Amount amount={executedBuyAmount} token={buyToken} />
      </p>
    );
  }
  return (
    <p class="deal">
      Sell <Amount amount={sellAmount} token={sellToken} /> for{' '}
      {minBuyAmount === null ? (
        <b>{tokenName(buyToken)}</b>
      ) : (
        <>
          at least <Amount amount={minBuyAmount} token={buyToken} />
        </>
      )}
    </p>
  );
}

interface StagesProps {
  readonly entry: TransitionView;
  readonly entries: readonly TransitionView[];
  readonly chart: Chart | undefined;
  readonly tone: string;
}

/** The outer states of the machine that are not final, then how it ended, or would end if all goes well. */
function Stages({ entry, entries, chart, tone }: StagesProps) {
  if (chart === undefined) return null;
  const outer = chart.states.filter(({ path }) => path !== '' && !path.includes('.'));
  const stages = outer.filter(({ kind }) => kind !== 'final').map(({ path }) => path);
  const status = statusOf(entry.state);
  const end = isFinal(status) ? status : outer.find(({ kind }) => kind === 'final')?.path;
  const names = end === undefined ? stages : [...stages, end];
  const reached = Math.max(...entries.map(({ state }) => stages.indexOf(state.split('.')[0] ?? '')));
  const current = isFinal(status) ? names.length - 1 : stages.indexOf(status);
  return (
    <ol class={`stages ${tone}`} aria-label="Progress">
      {names.map((name, index) => {
        const isDone = status === 'confirmed' || index < current;
        const skipped =
          isFinal(status) && status !== 'confirmed' && index > reached && index < names.length - 1;
        return (
          <li
            key={name}
            class={skipped ? 'skipped' : index === current ? 'current' : isDone ? 'done' : ''}
            aria-current={index === current ? 'step' : undefined}
          >
            <i />
            {name}
          </li>
        );
      })}
    </ol>
  );
}

interface NotesProps {
  readonly store: OrderStore;
  readonly order: OrderView;
  readonly entry: TransitionView;
  readonly hasCommands: boolean;
}

/** What the order waits for, why it is held, why it ended: in words. */
function Notes({ store, order, entry: { message }, hasCommands }: NotesProps) {
  const waits = store.isLive.value ? order.waitingFor : 'waitingFor' in message ? message.waitingFor : null;
  const reason = 'reason' in message ? message.reason : null;
  const deviation = 'deviation' in message ? message.deviation : null;
  const error = 'error' in message && waits == null ? message.error : null;
  const retryAt = message.type === 'retry' && store.isLive.value ? message.retryAt : null;
  return (
    <>
      {order.held !== null && (
        <Note tone="bad" title="Held" code={order.held.code} text={order.held.message}>
          {hasCommands && store.isLive.value && <LiftHoldButton store={store} />}
        </Note>
      )}
      {reason !== null && (
        <Note
          tone={message.type === 'failed' ? 'bad' : 'off'}
          title="Why"
          code={reason.code}
          text={reason.message}
        />
      )}
      {deviation != null && (
        <Note tone="wait" title="Otherwise than asked" code={deviation.code} text={deviation.message} />
      )}
      {waits != null && (
        <Note tone="wait" title="Waiting" code={waits.code} text={waits.message} retryAt={waits.retryAt}>
          {hasCommands && store.isLive.value && <RetryButton store={store} retryAt={waits.retryAt} />}
        </Note>
      )}
      {error != null && (
        <Note tone="wait" title="After" code={error.code} text={error.message} retryAt={retryAt}>
          {hasCommands && <RetryButton store={store} retryAt={retryAt} />}
        </Note>
      )}
    </>
  );
}

interface NoteProps {
  readonly tone: 'bad' | 'wait' | 'off';
  readonly title: string;
  readonly code: string;
  readonly text: string;
  readonly retryAt?: string | null;
  readonly children?: ComponentChildren;
}

function Note({ tone, title, code, text, retryAt = null, children }: NoteProps) {
  const leftMs = retryAt === null ? null : Date.parse(retryAt) - now.value;
  return (
    <p class={`note ${tone}`}>
      <b>{title}</b>
      <span>{readable(text)}</span>
      {leftMs !== null && (
        <span class="again">{leftMs > 0 ? `again in ${ageText(leftMs)}` : 'again now'}</span>
      )}
      {children}
      <code>{code}</code>
    </p>
  );
}
