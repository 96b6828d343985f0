/**
 * What each field means, by its name: one name means one thing in all requests, answers and messages. They are here and not in the
 * schemas, because pages and clients carry those. A name that means another thing within a schema stands with it: `Problem.type`.
 */
import type { Json } from './json-schema.ts';

const FIELDS: Readonly<Record<string, string>> = {
  // Orders and their terms.
  orderId: 'The order: 32 characters of base32 in lower case.',
  sellToken: 'What is sold: a symbol of the token list or an address, as the client wrote it.',
  buyToken: 'What is bought: a symbol of the token list or an address, as the client wrote it.',
  sellAmount: 'How much is sold, exactly: base units as a decimal string.',
  minBuyAmount:
    'The least that the order must yield: base units as a decimal string. Left out or null: derived from the chosen quote and `slippageBps`.',
  slippageBps: 'How much less than quoted the order may yield, in 1/100 of a percent.',
  validTo:
    "Unix seconds after which the swap must not be executed: in the future, at most 7 days ahead. The chain's block time decides.",
  recipient:
    "The account that receives what is bought; null or left out: the signer's. Mixed case needs a valid EIP-55 checksum.",
  clientOrderId: "The client's own name for the order. Lists can be filtered by it; it need not be unique.",
  status: 'The outermost state of the order.',
  state: 'The whole path of the state, like `routing.quoting`.',
  progress: 'From 0 to 100. 0 for an order that ended without a fill.',
  lastProgress: 'The progress of the last state that worked. It stays when the order fails.',
  seq: "The number of the entry in the order's journal, from 1, without a gap.",
  lastSeq: 'The number of the last entry: where to resume.',
  attempt: 'The attempt at the current stage, from 1.',
  createdAt: 'When the order was accepted.',
  updatedAt: 'When the order was written last.',
  venue: 'The exchange.',
  quotes: 'What each venue that answered would pay.',
  refusals: 'The venues that gave no quote, and why.',
  buyAmount: 'What would reach the recipient, before gas: base units of the buy token.',
  beforeTransferFees:
    'Present where the node cannot simulate what arrives: what a token that keeps a part of each transfer would keep is not taken off `buyAmount`.',
  gasCost: 'What gas costs, in base units of the buy token. "0" where `gasPriced` is false.',
  gasPriced: 'False: nothing says what gas is worth in the buy token.',
  block:
    'The block: of a quote the one that its price was read at (null: no chain was asked), else the one that holds the swap.',
  transaction: 'The transaction that was signed for the order.',
  transactions:
    'All transactions that were signed for the order. Those of one epoch share a nonce: at most one of them executes.',
  hash: 'The hash of the transaction.',
  signer: 'The address that signs and sends.',
  nonce: "The signer's nonce that the transaction uses.",
  epoch: 'The number of the nonce reservation of the order, from 1.',
  transactionHash: 'The transaction that executed the swap.',
  executedSellAmount: 'What was sold, by the events of the chain: base units.',
  executedBuyAmount: 'What was received, by the events of the chain: base units.',
  deviation:
    'How a swap that executed differs from what was asked for: `received_less`, `sold_other_amount` or `not_a_swap`. The amounts are the true ones.',
  reason: 'Why the order ended without a fill.',
  waitingFor: 'What the order waits for.',
  held: 'Why all workers leave the order alone until an operator has looked at it.',
  error: 'What went wrong.',
  code: 'Stable: branch on it.',
  message: 'For people. It may change with any release: never branch on it.',
  retryAt: 'When it is tried again; null: while an effect that runs waits for the chain.',
  delayMs: 'Milliseconds until it is tried again.',
  of: 'How many attempts the stage has; null: it is repeated until the chain answers.',

  // Quotes and dry runs.
  route: 'The quote that an order would take now; null: none, and `reason` says why.',
  netBuyAmount:
    'What is left after gas: base units of the buy token, below 0 where gas costs more; null: gas has no price in it.',
  why: 'Why this quote and not another, for people.',
  quotedAt: 'When the venues had answered.',
  goodUntil:
    'Until when the prices are likely to hold. Nothing is reserved: an order asks again, and `minBuyAmount` bounds what it takes.',
  dryRun: '`true`: everything is checked, and nothing is stored, counted or executed.',
  wouldCreate: 'False: the `Idempotency-Key` has an order already, which a submission would answer.',

  // Messages and streams.
  type: 'What the message tells.',
  timestamp: 'When it happened.',
  scope: 'It concerns the stream of all orders.',
  token: 'Opaque: where a stream of all orders resumes. Everything up to it was sent.',
  after: 'Where to begin: after the entry with this `seq` (0: with the first one), or `latest`.',
  filter: 'Which entries are wanted. Left out: all.',
  ok: 'Whether the request took effect.',
  wasSubscribed: 'Whether there was a subscription to end.',

  // Pages of lists and of journals.
  orders: 'The newest first.',
  nextCursor: 'The `cursor` of the next page; null: this is the last one.',
  cursor: 'The `nextCursor` of the page before.',
  limit: 'How many there are on a page at most: 1 to 200.',
  next: 'The next page; null: there is none yet.',
  links: 'Absolute paths, with the prefix of PUBLIC_URL.',
  self: 'The path of this resource.',
  events: "The order's messages as server-sent events.",
  cancel: 'Where to POST to cancel the order.',
  transitions: 'The entries of the journal, or where they are read.',
  nextAfter: 'The `after` of the next request.',
  at: 'When the entry was written.',
  machineVersion: 'The version of the order machine that took the transition.',
  event: 'What moved the machine, with its payload, time and draw: enough to replay the order.',
  draw: 'The random draw that the event carries, from 0 to 1.',
  edges: 'The transitions of the chart that were taken.',
  refused: 'Commands that came too late.',
  wsUrl: "The address of the order's plain WebSocket.",

  // Errors.
  title: 'The error in a few words, the same for each code.',
  detail: 'What, which, and what was expected.',
  instance: 'The path of the request.',
  errors: 'The fields that are wrong, at most ten.',
  field: 'Where: a JSON pointer into the body, or the name of a parameter or header.',
  advice: 'What to do about it.',
  retryAfterMs: 'How long to wait before coming back, in milliseconds: another time for each client.',
  closeCode: 'The close code of a WebSocket that ends with this error; null: none does.',
  asked: 'What the order would sell: base units.',
  most: 'The limit: base units.',
  left: 'What is left of the limit of the day: base units.',
  renewsAt: 'When the limit of the day begins anew.',

  // Machines, drawn.
  version: 'A version of the order machine.',
  current: 'The version that new orders run on.',
  machines: 'The versions that stored orders may still run on.',
  id: 'The name of the machine, the state or the transition, as in a journal.',
  description: 'For people.',
  states: 'The states of the machine, or how many there are.',
  json: "XState's config.",
  typescript: 'XState code with stubs.',
  mermaid: 'A Mermaid state diagram.',
  chart: 'The states and transitions of the machine.',
  path: "As in an order's `state`.",
  name: 'For people.',
  parent: 'The id of the state around it; null: this is the machine itself.',
  kind: 'Which kind of state, transition or exchange this is.',
  isInitial: 'Whether its parent begins in it.',
  meta: 'What the machine says of the state: its progress, and a message for people.',
  effects: 'What the worker does in this state.',
  source: 'The id of the state that it leaves.',
  target: 'The id of the state that it enters.',
  targets: 'The ids of the states that it enters.',
  label: 'For people; in a drawing, where it lies.',
  guard: 'The condition under which it is taken.',
  actions: 'What it changes.',
  drawings: 'Where the page draws the chart, in pixels; null: the page is not built.',
  full: 'With all labels.',
  overview: 'With short labels.',
  width: 'Pixels.',
  height: 'Pixels.',
  x: 'Pixels from the left.',
  y: 'Pixels from the top.',
  boxes: 'Where each state lies, by its id.',
  titles: 'Where the title of each state lies, by its id.',
  points: 'The bends of the line.',

  format: 'In which form: `chart`, `json`, `typescript` or `mermaid`.',

  // Chain and process.
  execution: '`chain`: orders are swapped. `simulated`: nothing is.',
  chainId:
    'The EIP-155 id of the chain; null: orders are swapped on none, or this server does not know on which.',
  confirmations: 'Blocks on top of the one that holds a swap before the order is confirmed.',
  head: 'The newest block; null: this server does not know it.',
  signers: 'The signers that signed for this store.',
  nextNonce: 'The first nonce that is not known to be used.',
  openNonces: 'How many nonces are reserved and not known to be used.',
  funds: 'What the signer has; null: this server does not know.',
  ether: "The chain's own coin, in wei.",
  amount: 'In base units of the token.',
  workers: 'The workers that write heartbeats, the latest first.',
  workerId: 'The id that the worker process drew when it started.',
  isAlive: 'Whether its last heartbeat is recent enough. Orders of a dead worker are run by another.',
  silentMs: 'Milliseconds since its last heartbeat.',
  orderCount: 'How many open orders it runs.',
  halted: 'Why the signer signs nothing until an operator resumes it; null: it signs.',
  explorer: 'Where people look at a transaction: an address with `{hash}` where its hash belongs.',
  tokens: 'The tokens that are traded. The first is the wrapped native currency.',
  symbol: 'The symbol of the token.',
  address: 'The address of the contract.',
  decimals: 'How many decimal places a whole token has in base units.',
  parts: 'What the process stands on, by name.',
  connections: 'How many are open, by transport.',
  uptimeSeconds: 'Since the process started.',

  // Files.
  $schema: 'For editors: where the JSON Schema of the file is.',
  multicall3: 'The Multicall3 contract: all venues are asked in one request.',
  exchanges: 'The exchanges that are asked for quotes.',
  factory: "The exchange's factory: it knows the pools.",
  router: 'The router that swaps are sent to.',
  routerVersion: '2: SwapRouter02, whose calls have no deadline.',
  quoter: "Uniswap V3's quoter.",
  positionManager: "Uniswap V3's position manager.",
  fees: 'The fee tiers that have pools, in 1/1,000,000 of the amount sold.',
  l1FeeOracle: "On rollups of the OP stack: the contract that tells what a transaction's data costs.",
  perOrder:
    'The most that one order may sell, in base units, by token. A token that is not named has no limit.',
  perOwnerAndDay:
    'The most that the orders of one owner and one day (UTC) may sell together, in base units, by token.',
  allowedTokens: 'Symbols or addresses. Left out: all.',
  allowedRecipients: 'Addresses. Left out: all. An order without a recipient is always allowed.',

  // The documents.
  openapi: 'The version of OpenAPI.',
  paths: 'The routes.',
  asyncapi: 'The version of AsyncAPI.',
  channels: 'The addresses of the streams.',

  // Search, counts and statistics.
  incomplete: 'True: orders that ended in an older release are still being indexed, and may be missing.',
  total: 'How many there are in all.',
  byStatus: 'How many orders there are of each status.',
  pending: 'Accepted, and waiting for a worker.',
  routing: 'Venues are asked.',
  building: 'A transaction is built and signed.',
  submitted: 'A transaction may have been sent.',
  confirmed: 'Executed once.',
  failed: 'Not executed, and never to be: `reason` says why.',
  cancelled: 'Not executed, and never to be: the user cancelled it.',
  reasons: 'Why orders ended otherwise than asked: the most frequent first.',
  q: 'An id or its beginning, a `clientOrderId`, a transaction hash, a token, a pair or an error code.',
  pair: 'Two tokens as `WETH/USDC`.',
  since: 'Orders that were created from then on.',
  until: 'Orders that were created before.',
  sort: '`newest` or `oldest` first.',
  stats: 'Where the statistics of this version are read.',
  complete: 'False: there are more orders than were looked at.',
  from: 'When the oldest of the orders that were looked at was created; null: there were none.',
  to: 'When the newest of the orders that were looked at was created; null: there were none.',
  taken: 'How often the transition was taken.',
  visits: 'How often the state was entered.',
  now: 'How many orders are in the state.',
  p50Ms: 'Half of the visits took at most this long, in milliseconds; null: none is over.',
  p99Ms: 'All but a hundredth of the visits took at most this long, in milliseconds; null: none is over.',
  failures: 'Orders that ended without a fill.',

  // Commands, transactions and inspection.
  retry: 'Where to POST to end a backoff of the order.',
  waited: 'False: the order was in no backoff, and nothing happened.',
  gasUsed: 'The gas that the transaction used; null: it is in no block.',
  paid: "What the transaction cost, in base units of the chain's own coin; null: it is in no block.",
  rootId: "The actor's id for Stately's inspector.",
  sessionId: "The actor's id for Stately's inspector.",
  snapshot: "What the actor is, as Stately's inspector shows it.",
  definition: "The machine, as Stately's inspector draws it.",
  actorRef: "The actor, as Stately's inspector names it.",
  sourceRef: "The actor that sent the event, as Stately's inspector names it.",
  _version: "The version of XState that Stately's inspector expects.",

  // Identity.
  owner: 'Whose orders these are.',
  role: '`watch`, `submit` or `operate`: each may do what the one before may.',
  expiresAt: 'When it ends; null: it does not end by itself.',
  revokedAt: 'When it was revoked; null: it was not.',
  keyId: 'The API key; null: none.',
  shareId: 'The share link.',
  shares: 'The newest first.',
  seconds: 'For how long, in seconds.',
  ticket: 'Reads the order as long as it lasts. It is shown once.',
  order: 'Where the order is read.',
  page: 'The page of the order.',
  embed: 'A page of the order alone, to link or to frame.',
  before: 'Records before this time.',
  records: 'The newest first.',
  action: 'What was done.',
  subject: 'To what.',
  wasHeld: 'False: it was not held, and nothing happened.',
  did: 'What was done, for people.',
  hold: 'Why the order is held.',

  // Headers.
  'Idempotency-Key': 'Names the submission: repeated with the same body, it gives the same order.',
  'Last-Event-ID':
    'The `id` of the last event that was received. An EventSource sends it by itself; it goes before the query.',
};

const WITHIN: Readonly<Record<string, string>> = {
  'Problem.type': 'The path of a page that explains the error, with the prefix of PUBLIC_URL.',
  'Problem.status': 'The HTTP status.',
  'Problem.limit': 'The limit that the order would exceed.',
  'Problem.token': 'The token that is sold, as the client wrote it.',
  'ErrorMessage.orderId': 'The order that it concerns, if it concerns one.',
  'ErrorMessage.token': 'Where to resume the stream of all orders.',
  'Machine.detail': 'Whether the labels are in full.',
  'Transition.type': 'The type of the event.',
  'DryRun.orderId':
    'The order that the `Idempotency-Key` would have; null: without a key it is drawn at the submission.',
  'OrderPage.links': 'The path of the next page.',
  '/problems/:name.name': 'An error code with hyphens, as the `type` of a problem ends with: `order-ended`.',
  '/schemas/:name.name': 'A schema of the API by its name, with or without `.json`: `order.json`.',
  '/api/operator/signers/:address/resume.address': 'The address of the signer.',
  '/api/machines/:version/stats.orders': 'How many of the newest orders are counted: 1 to 2000.',
};

/** Adds a description to each property that has a known name and none of its own. @param name of the schema; '': it has none */
export function describeFields(name: string, schema: Json): Json {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'properties' && isJson(value) ? describeProperties(name, value) : describeWithin(name, value),
    ]),
  );
}

/** What a field means; null: nothing is known of it. @param within the schema that has it, or the path of a route with it as a parameter */
export function describeField(field: string, within = ''): string | null {
  return WITHIN[`${within}.${field}`] ?? FIELDS[field] ?? null;
}

function describeProperties(name: string, properties: Json): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([field, property]) => {
      if (!isJson(property)) return [field, property];
      const description = describeField(field, name);
      const described = describeFields(name, property);
      return [field, description === null ? described : { description, ...described }];
    }),
  );
}

function describeWithin(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => describeWithin(name, each));
  return isJson(value) ? describeFields(name, value) : value;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
