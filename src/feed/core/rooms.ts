/** The orders that somebody watches on this server. A room is there while a subscription holds it. */
import type { Journal } from '../../store/ports.ts';
import { Room } from './room.ts';

interface Held {
  readonly room: Room;
  holders: number;
}

export class Rooms {
  readonly #journal: Pick<Journal, 'read'>;
  readonly #onReadFailed: (orderId: string, thrown: unknown) => void;
  readonly #held = new Map<string, Held>();

  constructor(journal: Pick<Journal, 'read'>, onReadFailed: (orderId: string, thrown: unknown) => void) {
    this.#journal = journal;
    this.#onReadFailed = onReadFailed;
  }

  get size(): number {
    return this.#held.size;
  }

  get(orderId: string): Room | null {
    return this.#held.get(orderId)?.room ?? null;
  }

  all(): readonly Room[] {
    return [...this.#held.values()].map(({ room }) => room);
  }

  /** Once for each `leave`. */
  open(orderId: string): Room {
    let held = this.#held.get(orderId);
    if (held === undefined) {
      const onReadFailed = (thrown: unknown) => this.#onReadFailed(orderId, thrown);
      held = { room: new Room(orderId, { journal: this.#journal, onReadFailed }), holders: 0 };
      this.#held.set(orderId, held);
    }
    held.holders += 1;
    return held.room;
  }

  leave(room: Room): void {
    const held = this.#held.get(room.orderId);
    if (held?.room !== room) return;
    held.holders -= 1;
    if (held.holders > 0) return;
    this.#held.delete(room.orderId);
    room.close();
  }
}
