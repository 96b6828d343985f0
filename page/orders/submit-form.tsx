/** Submits an order. The key makes a repeated submission the same order, also when the first answer was lost. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { tokenOf, tokens } from '../api/chain.ts';
import { submitOrder } from '../api/answers.ts';
import { Refused } from '../api/rest.ts';
import { navigate } from '../app/router.ts';
import { Icon } from '../parts/icon.tsx';
import { baseUnits } from './base-units.ts';

interface Problem {
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

export function SubmitForm({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const key = useMemo(() => crypto.randomUUID(), []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (form: HTMLFormElement): Promise<void> => {
    const read = readForm(new FormData(form));
    if ('problem' in read) {
      setProblem(read.problem);
      return;
    }
    setSending(true);
    setProblem(null);
    try {
      const { orderId } = await submitOrder(read.body, key);
      onClose();
      navigate(`orders/${orderId}`);
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setSending(false);
    }
  };

  return (
    <dialog ref={dialog} aria-labelledby="submit-title" onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <header>
          <h2 id="submit-title">New order</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <TokenField name="sellToken" label="Sell" initial={0} problem={problem} />
        <Field name="sellAmount" label="Amount, in whole tokens" placeholder="0.1" problem={problem} />
        <TokenField name="buyToken" label="For" initial={1} problem={problem} />
        <Field name="minBuyAmount" label="At least (optional), in whole tokens" problem={problem} />
        <div class="pair">
          <Field name="slippageBps" label="Slippage, in %" initial="0.5" problem={problem} />
          <Field name="validMinutes" label="Expires after, in minutes" initial="10" problem={problem} />
        </div>
        <Field name="clientOrderId" label="Your id (optional)" problem={problem} />
        {problem !== null && (
          <p class="note bad" role="alert">
            {problem.text}
          </p>
        )}
        <footer>
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" class="button primary" disabled={isSending}>
            {isSending ? 'Sending …' : 'Submit the order'}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly initial?: string;
  readonly placeholder?: string;
  readonly problem: Problem | null;
}

function Field({ name, label, initial = '', placeholder = '', problem }: FieldProps) {
  const wrong = problem?.fields[name];
  return (
    <label>
      {label}
      <input
        name={name}
        defaultValue={initial}
        placeholder={placeholder}
        autoFocus={name === 'sellAmount'}
        autocomplete="off"
        aria-invalid={wrong !== undefined}
        aria-describedby={wrong === undefined ? undefined : `${name}-wrong`}
      />
      {wrong !== undefined && (
        <small class="wrong" id={`${name}-wrong`}>
          {wrong}
        </small>
      )}
    </label>
  );
}

interface TokenFieldProps {
  readonly name: string;
  readonly label: string;
  /** Which token is chosen at first. */
  readonly initial: number;
  readonly problem: Problem | null;
}

function TokenField({ name, label, initial, problem }: TokenFieldProps) {
  const known = tokens.value;
  if (known.length === 0)
    return <Field name={name} label={`${label}, a symbol or an address`} problem={problem} />;
  return (
    <label>
      {label}
      <select name={name} defaultValue={known[initial]?.symbol ?? ''}>
        {known.map(({ symbol, address }) => (
          <option key={address} value={symbol} selected={symbol === known[initial]?.symbol}>
            {symbol}
          </option>
        ))}
      </select>
      {problem?.fields[name] !== undefined && <small class="wrong">{problem.fields[name]}</small>}
    </label>
  );
}

/** The body of the request, or what is wrong with the form. */
function readForm(form: FormData): { readonly problem: Problem } | { readonly body: object } {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const wrong: Record<string, string> = {};
  const amount = (name: string, token: string): string => {
    const decimals = tokenOf(token)?.decimals ?? 0;
    const units = baseUnits(text(name), decimals);
    if (units === null) {
      wrong[name] = `expected a number with at most ${decimals} decimal places`;
    }
    return units ?? '0';
  };
  const [sellToken, buyToken] = [text('sellToken'), text('buyToken')];
  const slippage = Number(text('slippageBps') || '0.5') * 100;
  const minutes = Number(text('validMinutes') || '10');
  if (!Number.isInteger(Math.round(slippage)) || slippage < 0 || slippage > 5_000)
    wrong['slippageBps'] = 'expected 0 to 50';
  if (!(minutes > 0 && minutes <= 10_080)) wrong['validMinutes'] = 'expected up to 10,080 (7 days)';
  const body = {
    sellToken,
    buyToken,
    sellAmount: amount('sellAmount', sellToken),
    ...(text('minBuyAmount') === '' ? {} : { minBuyAmount: amount('minBuyAmount', buyToken) }),
    slippageBps: Math.round(slippage),
    validTo: Math.floor(Date.now() / 1_000 + minutes * 60),
    ...(text('clientOrderId') === '' ? {} : { clientOrderId: text('clientOrderId') }),
  };
  if (Object.keys(wrong).length === 0) return { body };
  return { problem: { text: 'Some fields are not right.', fields: wrong } };
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof Refused)) {
    return { text: 'The server does not answer. Submitting again is safe: it stays one order.', fields: {} };
  }
  return {
    text: error.message,
    fields: Object.fromEntries(error.fields.map(({ field, message }) => [field.replace(/^\//, ''), message])),
  };
}
