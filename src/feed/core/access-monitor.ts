/** Admits connections up to their caps, and ends those whose credentials have expired or were revoked since their handshake. */
import type { Access } from '../../edge/access.ts';
import type { Principal } from '../../identity/principal.ts';
import { every } from '../../runtime/time.ts';
import { ConnectionCaps, type ConnectionLimits } from './connection-caps.ts';
import type { FeedConnection } from './connection.ts';

const CHECK_EVERY_MS = 1_000;

export class AccessMonitor {
  readonly #endOf: Access['endOf'];
  readonly #onFailure: (thrown: unknown) => void;
  readonly #caps: ConnectionCaps;
  readonly #watched = new Map<
    FeedConnection,
    { readonly principal: Principal; readonly leave: () => void }
  >();
  #stop: () => Promise<void> = () => Promise.resolve();

  /** @param onFailure the store did not answer: streams go on, and the next check repeats it */
  constructor(
    { endOf }: Pick<Access, 'endOf'>,
    limits: ConnectionLimits,
    onFailure: (thrown: unknown) => void,
  ) {
    this.#endOf = endOf;
    this.#caps = new ConnectionCaps(limits);
    this.#onFailure = onFailure;
  }

  start(): void {
    this.#stop = every(CHECK_EVERY_MS, () => this.check(), this.#onFailure);
  }

  /**
   * @param open opens the connection, if it is admitted
   * @throws FillstreamError too_many_connections
   */
  admit(
    principal: Principal,
    { socket }: { readonly socket: { readonly remoteAddress?: string | undefined } },
    open: () => FeedConnection,
  ): FeedConnection {
    const leave = this.#caps.admit(principal.owner, socket.remoteAddress ?? '');
    const connection = open();
    this.#watched.set(connection, { principal, leave });
    return connection;
  }

  /** The connection has closed. */
  forget(connection: FeedConnection): void {
    this.#watched.get(connection)?.leave();
    this.#watched.delete(connection);
  }

  close(): Promise<void> {
    return this.#stop();
  }

  /** Principals that end together (of one key, of one link, at one time) are looked up once. */
  async check(): Promise<void> {
    const groups = new Map<string, [Principal, FeedConnection[]]>();
    for (const [connection, { principal }] of this.#watched) {
      const { kind, keyId, shareId, expiresAt } = principal;
      const name = JSON.stringify([kind, keyId, shareId, expiresAt]);
      const group = groups.get(name) ?? [principal, []];
      groups.set(name, group);
      group[1].push(connection);
    }
    const checks = [...groups.values()].map(async ([principal, connections]) => {
      const end = await this.#endOf(principal);
      if (end === null) return;
      const why = end === 'expired' ? 'have expired' : 'were revoked';
      const reason = `The credentials of this connection ${why}; connect again after lastSeq or with the token`;
      for (const connection of connections) {
        this.forget(connection);
        connection.disconnect('access_ended', reason);
      }
    });
    const failed = (await Promise.allSettled(checks)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
}
