/** Runs in the browser, before the page: a stream of all orders that a test feeds. */
export function installFakeStream(): void {
  class FakeSource extends EventTarget {
    static readonly CLOSED = 2;
    readyState = 1;
    onmessage: ((event: { data: string }) => void) | null = null;
    onerror: (() => void) | null = null;

    constructor() {
      super();
      Reflect.set(window, 'fakeSource', this);
      setTimeout(() => this.onmessage?.({ data: '{"type":"subscribed"}' }));
    }

    close(): void {
      this.readyState = FakeSource.CLOSED;
    }
  }
  Reflect.set(window, 'EventSource', FakeSource);
}

export interface Flood {
  /** Every row that is in the document. */
  readonly rows: number;
  readonly confirmed: string;
  /** How often the list was drawn, and how many frames passed meanwhile. */
  readonly draws: number;
  readonly frames: number;
}

/** Feeds the entries of so many orders, a part of them with each turn of the event loop, and waits for the last drawing. */
export async function flood(orders: number): Promise<Flood> {
  const source = Reflect.get(window, 'fakeSource') as { onmessage: (event: { data: string }) => void };
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  const idOf = (n: number) =>
    n
      .toString(32)
      .padStart(32, '0')
      .replace(/./g, (digit) => letters[Number.parseInt(digit, 32)] ?? 'a');
  const terms = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000', clientOrderId: null };
  const states = ['pending', 'routing.quoting', 'building.signing', 'submitted.mining', 'confirmed'];
  let frames = 0;
  const count = (): void => {
    frames += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  let draws = 0;
  const observer = new MutationObserver(() => (draws += 1));
  observer.observe(document.querySelector('.rows') ?? document, {
    childList: true,
    subtree: true,
    characterData: true,
  });
  for (const [index, state] of states.entries()) {
    for (let n = 0; n < orders; n += 1) {
      const [type = ''] = state.split('.');
      const entry = { type, orderId: idOf(n), seq: index + 1, state, progress: index * 25, message: '' };
      const timestamp = new Date(1_800_000_000_000 + n).toISOString();
      const data = JSON.stringify({
        ...entry,
        timestamp,
        executedBuyAmount: '5',
        ...(index === 0 ? terms : {}),
      });
      source.onmessage({ data });
      if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  }
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  observer.disconnect();
  return {
    rows: document.querySelectorAll('.rows [role=row]').length,
    confirmed: document.querySelector('.chip.confirmed b')?.textContent ?? '',
    draws,
    frames,
  };
}

/** Feeds entries as fast as they are taken: of orders of five entries each, five hundred of which are under way at a time. */
export async function pour({
  from,
  entries,
}: {
  readonly from: number;
  readonly entries: number;
}): Promise<void> {
  const source = Reflect.get(window, 'fakeSource') as { onmessage: (event: { data: string }) => void };
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  const idOf = (n: number) =>
    n
      .toString(32)
      .padStart(32, '0')
      .replace(/./g, (digit) => letters[Number.parseInt(digit, 32)] ?? 'a');
  const states = ['pending', 'routing.quoting', 'building.signing', 'submitted.mining', 'confirmed'];
  const terms = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000', clientOrderId: null };
  const underWay = 500;
  for (let index = from; index < from + entries; index += 1) {
    const block = Math.floor(index / (underWay * states.length));
    const place = index % (underWay * states.length);
    const step = Math.floor(place / underWay);
    const state = states[step] ?? 'confirmed';
    const data = JSON.stringify({
      type: state.split('.')[0],
      orderId: idOf(block * underWay + (place % underWay)),
      seq: step + 1,
      state,
      progress: step * 25,
      message: 'An entry of a simulated hour',
      timestamp: new Date(1_800_000_000_000 + index * 2).toISOString(),
      executedBuyAmount: '5',
      ...(step === 0 ? terms : {}),
    });
    source.onmessage({ data });
    // A frame's worth of entries at a time.
    if (index % 250 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
}
