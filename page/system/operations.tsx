/** What operators look after: held orders of all owners, signers, and what was done about them. Each action is in the server's audit log. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { parseAmount, printWholeTokens } from '../../machines/amount.ts';
import {
  cancelForOwner,
  liftHold,
  openForOperator,
  readAudit,
  readOrder,
  readHeld,
  readSigners,
  readWorkers,
  resumeSigner,
  type AuditRecord,
  type HeldList,
  type RunningWorker,
  type Signer,
} from '../api/answers.ts';
import { Refused } from '../api/rest.ts';
import { now } from '../app/clock.ts';
import { hrefOf, navigate } from '../app/router.ts';
import { Action } from '../parts/action.tsx';
import {
  ageText,
  amountText,
  durationText,
  readable,
  shortHex,
  shortId,
  tokenName,
} from '../parts/format.ts';

const EVERY_MS = 5_000;
const RECORDS = 12;
const COIN_DECIMALS = 18;

interface Known {
  readonly held: HeldList;
  /** Null: a server that does not list them. */
  readonly signers: readonly Signer[] | null;
  readonly workers: readonly RunningWorker[] | null;
  readonly audit: readonly AuditRecord[];
}

const known = signal<Known | null>(null);

async function read(): Promise<void> {
  const [held, signers, workers, audit] = await Promise.all([
    readHeld(),
    // A server of an earlier release does not have these two.
    readSigners().catch(nullWhereMissing),
    readWorkers().catch(nullWhereMissing),
    readAudit(),
  ]);
  known.value = { held, signers, workers, audit };
}

function nullWhereMissing(error: unknown): null {
  if (error instanceof Refused && error.status === 404) return null;
  throw error;
}

/** Reads again at once after an action, so that its outcome is seen. */
const done = (text: string): string => {
  void read().catch(() => undefined);
  return text;
};

export function Operations() {
  useEffect(() => {
    const look = (): void => {
      // The banner says that the server does not answer.
      if (!document.hidden) void read().catch(() => undefined);
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (known.value === null) return null;
  const { held, signers, workers, audit } = known.value;
  return (
    <div class="operations">
      <Held {...held} />
      {workers !== null && <Workers workers={workers} />}
      {signers !== null && signers.length > 0 && <Signers signers={signers} />}
      {audit.length > 0 && <Audit records={audit} />}
    </div>
  );
}

/** Of another owner: the server notes that it was opened, and gives a ticket that reads it for a while. */
function OrderLink({ orderId }: { readonly orderId: string }) {
  const open = async (): Promise<void> => {
    const isOwn = await readOrder(orderId).then(() => true, nullWhereMissing);
    const ticket = isOwn === true ? null : await openForOperator(orderId);
    navigate(`orders/${orderId}${ticket === null ? '' : `?ticket=${ticket}`}`);
  };
  return (
    <a
      href={hrefOf(`orders/${orderId}`)}
      title={orderId}
      onClick={(event) => {
        event.preventDefault();
        // The banner says that the server does not answer.
        void open().catch(() => undefined);
      }}
    >
      <code>{shortId(orderId)}</code>
    </a>
  );
}

function Workers({ workers }: { readonly workers: readonly RunningWorker[] }) {
  return (
    <section class="card" aria-label="Workers">
      <h2>
        Workers <span>{workers.length}</span>
      </h2>
      {workers.length === 0 && <p class="faint">No worker runs.</p>}
      <ul>
        {workers.map(({ workerId, isAlive, silentMs, orderCount, orders }) => (
          <li key={workerId}>
            <code title={workerId}>{shortId(workerId)}</code>
            <span class={`pill ${isAlive ? 'ok' : 'bad'}`}>{isAlive ? 'alive' : 'dead'}</span>
            <span class="why">
              {`runs ${orderCount}, last heartbeat ${durationText(silentMs)} ago`}
              {orders.map(({ orderId, status }) => (
                <span key={orderId}>
                  {' '}
                  <OrderLink orderId={orderId} /> {status}
                </span>
              ))}
              {orderCount > orders.length && ' …'}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Held({ total, orders }: HeldList) {
  return (
    <section class="card" aria-label="Held orders">
      <h2>
        Held orders <span>{total}</span>
      </h2>
      {orders.length === 0 && <p class="faint">No order is held.</p>}
      <ul>
        {orders.map(({ orderId, status, hold }) => (
          <li key={orderId}>
            <OrderLink orderId={orderId} />
            <span class="pill wait">{status}</span>
            <span class="why">
              {readable(hold.message)} <code>{hold.code}</code>
            </span>
            <Action
              name="Lift the hold …"
              confirm="Lift the hold"
              isSmall
              run={async () => done((await liftHold(orderId)).wasHeld ? 'Lifted' : 'It was not held')}
            >
              Workers of every release run it again.
            </Action>
            <Action
              name="Cancel …"
              confirm="Cancel the order"
              keep="Keep it"
              isSmall
              isDanger
              run={async () => {
                await cancelForOwner(orderId);
                return done('Cancellation requested');
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Signers({ signers }: { readonly signers: readonly Signer[] }) {
  return (
    <section class="card" aria-label="Signers">
      <h2>
        Signers <span>{signers.length}</span>
      </h2>
      <ul>
        {signers.map(({ chainId, address, nextNonce, openNonces, halted, funds }) => (
          <li key={`${chainId}:${address}`}>
            <code title={address}>{shortHex(address)}</code>
            <span class={`pill ${halted === null ? 'ok' : 'bad'}`}>
              {halted === null ? 'signs' : 'halted'}
            </span>
            <span class="why">
              {halted === null
                ? `chain ${chainId}, next nonce ${nextNonce + openNonces}, ${openNonces} open`
                : readable(halted.message)}
              {funds != null && <span class="faint">{` · has ${fundsText(funds)}`}</span>}
            </span>
            {halted !== null && (
              <Action
                name="Resume …"
                confirm="Resume the signer"
                isSmall
                run={async () => done((await resumeSigner(address)).did.map(readable).join(' '))}
              >
                Look first at what else was signed with its key.
              </Action>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function fundsText({ ether, tokens }: NonNullable<Signer['funds']>): string {
  return [
    `${printWholeTokens(parseAmount(ether), COIN_DECIMALS)} of the chain's coin`,
    ...tokens.map(({ token, amount }) => `${amountText(amount, token)} ${tokenName(token)}`),
  ].join(', ');
}

function Audit({ records }: { readonly records: readonly AuditRecord[] }) {
  return (
    <section class="card" aria-label="What operators did">
      <h2>What operators did</h2>
      <ul>
        {records.slice(0, RECORDS).map(({ id, at, name, action, subject }) => (
          <li key={id}>
            <time dateTime={at} title={at}>{`${ageText(now.value - Date.parse(at))} ago`}</time>
            <b>{action.replaceAll('_', ' ')}</b>
            <code title={subject}>{subject.startsWith('0x') ? shortHex(subject) : shortId(subject)}</code>
            <span class="faint">{`by ${name}`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
