/** The feed's bounds. */
export interface FeedSettings {
  readonly heartbeatMs: number;
  /** How often rooms without notifications ask for the last `seq`: the delay that a lost last notification causes. */
  readonly quietCheckMs: number;
  /** Bytes that a connection may leave unread before it has to catch up on its own. */
  readonly maxBufferedBytes: number;
  /** How long a connection over that cap may read nothing at all. */
  readonly slowReaderMs: number;
  /** How long a connection may leave bytes unread, below that cap too, and read nothing at all. */
  readonly stalledReaderMs: number;
  /** Orders that one connection may watch at a time. */
  readonly maxSubscriptions: number;
  /** Connections that an owner, and an address, may have open on this server; 0: no limit. */
  readonly maxConnectionsPerOwner: number;
  readonly maxConnectionsPerAddress: number;
  /** How long a replay repeats a failed read of the journal before the subscription ends. */
  readonly replayPatienceMs: number;
}

export const DEFAULT_FEED_SETTINGS: FeedSettings = {
  heartbeatMs: 15_000,
  quietCheckMs: 1_000,
  maxBufferedBytes: 1024 * 1024,
  slowReaderMs: 5_000,
  stalledReaderMs: 30_000,
  maxSubscriptions: 1_000,
  maxConnectionsPerOwner: 0,
  maxConnectionsPerAddress: 0,
  replayPatienceMs: 5_000,
};
