/** Submits an order. The key makes a repeated submission the same order, also when the first answer was lost. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { tokens } from '../api/chain.ts';
import { submitOrder } from '../api/answers.ts';
import { navigate } from '../app/router.ts';
import { Icon } from '../parts/icon.tsx';
import { QuoteCard } from './quote-card.tsx';
import { problemOf, readForm, type Draft, type Problem } from './read-form.ts';

export function SubmitForm({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const key = useMemo(() => crypto.randomUUID(), []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  /** What is quoted; null: the form is not filled in. */
  const [draft, setDraft] = useState<Draft | null>(null);
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
        onInput={({ currentTarget }) => {
          const read = readForm(new FormData(currentTarget));
          setDraft('body' in read ? read.body : null);
          setProblem('body' in read ? null : ofFilled(read.problem, currentTarget));
        }}
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
        <QuoteCard draft={draft} onProblem={setProblem} />
        {problem !== null && problem.text !== '' && (
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

/** While the form is filled in, an empty field is not wrong yet. */
function ofFilled({ fields }: Problem, form: HTMLFormElement): Problem {
  const values = new FormData(form);
  const wrong = Object.entries(fields).filter(([name]) => values.get(name) !== '');
  return { text: '', fields: Object.fromEntries(wrong) };
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
