/** The rooms of the orders that are watched on this server. A room exists while a subscription uses it. */
import type { Journal } from '../../store/ports.ts';
import { Room } from './room.ts';

interface CountedRoom {
  readonly room: Room;
  refCount: number;
}

export class Rooms {
  readonly #journal: Pick<Journal, 'read'>;
  readonly #onReadFailed: (orderId: string, thrown: unknown) => void;
  readonly #rooms = new Map<string, CountedRoom>();

  constructor(journal: Pick<Journal, 'read'>, onReadFailed: (orderId: string, thrown: unknown) => void) {
    this.#journal = journal;
    this.#onReadFailed = onReadFailed;
  }

  get size(): number {
    return this.#rooms.size;
  }

  get(orderId: string): Room | null {
    return this.#rooms.get(orderId)?.room ?? null;
  }

  all(): readonly Room[] {
    return [...this.#rooms.values()].map(({ room }) => room);
  }

  /** The caller calls `release` once. */
  acquire(orderId: string): Room {
    let counted = this.#rooms.get(orderId);
    if (counted === undefined) {
      const onReadFailed = (thrown: unknown) => this.#onReadFailed(orderId, thrown);
      counted = { room: new Room(orderId, { journal: this.#journal, onReadFailed }), refCount: 0 };
      this.#rooms.set(orderId, counted);
    }
    counted.refCount += 1;
    return counted.room;
  }

  release(room: Room): void {
    const counted = this.#rooms.get(room.orderId);
    if (counted?.room !== room) return;
    counted.refCount -= 1;
    if (counted.refCount > 0) return;
    this.#rooms.delete(room.orderId);
    room.close();
  }
}
