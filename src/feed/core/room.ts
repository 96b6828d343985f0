/**
 * The live end of one order's journal on this server: its members have been sent everything up to one cursor and nothing
 * behind it. Only the next `seq` moves the cursor; whatever a notification lost, repeated or overtook, each member gets each
 * entry once and in order.
 */
import type { JournaledMessage, Message } from '../../protocol/messages.ts';
import type { Journal } from '../../store/ports.ts';
import type { Reader, ReaderGroup } from './reader.ts';
import { hasEnded, positionAfter, type OrderPosition } from './order-position.ts';

const PAGE_ENTRIES = 100;

export interface RoomMember {
  readonly reader: Reader;
  isOverfull(): boolean;
  /** Leaves the room, to catch up on its own from the room's cursor. */
  fallBehind(): void;
  /** The order has ended and the member was sent all of it. */
  finish(): void;
}

interface RoomDeps {
  readonly journal: Pick<Journal, 'read'>;
  /** A read of the journal failed; the next quiet check repeats it. */
  readonly onReadFailed: (thrown: unknown) => void;
}

export class Room {
  readonly orderId: string;
  readonly #deps: RoomDeps;
  readonly #members = new Map<ReaderGroup, Map<Reader, RoomMember>>();
  /** The cursor, with what the order was like there; null until somebody read the order. */
  #position: OrderPosition | null = null;
  /** The highest `seq` that anybody spoke of. */
  #heardOf = 0;
  #heardSinceCheck = true;
  #reading: Promise<void> | null = null;
  #closed = false;

  constructor(orderId: string, deps: RoomDeps) {
    this.orderId = orderId;
    this.#deps = deps;
  }

  get position(): OrderPosition | null {
    return this.#position;
  }

  get cursor(): number {
    return this.#position?.lastSeq ?? 0;
  }

  enter(member: RoomMember): void {
    const { group } = member.reader;
    const members = this.#members.get(group) ?? new Map<Reader, RoomMember>();
    this.#members.set(group, members);
    members.set(member.reader, member);
  }

  leave({ reader }: RoomMember): void {
    const members = this.#members.get(reader.group);
    if (members?.delete(reader) === true && members.size === 0) this.#members.delete(reader.group);
  }

  /** What the store said of the order. Moves the cursor only where nobody would miss what lies between. */
  learn(position: OrderPosition): void {
    if (this.#position === null || (this.#members.size === 0 && position.lastSeq > this.cursor)) {
      this.#position = position;
    }
    this.hearOf(position.lastSeq);
  }

  /** A notification, or an entry that somebody read from the journal. */
  offer(message: JournaledMessage): void {
    this.#heardSinceCheck = true;
    if (this.#position !== null && message.seq === this.cursor + 1) this.#extend(message);
    else this.hearOf(message.seq);
  }

  /** The journal is said to reach this far. */
  hearOf(seq: number): void {
    this.#heardOf = Math.max(this.#heardOf, seq);
    if (this.#isBehind()) this.catchUp().catch(this.#deps.onReadFailed);
  }

  /** Whether nobody spoke of this order since the last time that this was asked, or what was said is still to be read. */
  wasQuiet(): boolean {
    const quiet = !this.#heardSinceCheck || this.#isBehind();
    this.#heardSinceCheck = false;
    return quiet;
  }

  /** Reads the journal to its end. Whoever asks meanwhile waits for the same reading. */
  catchUp(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** To all members, beside the journal. */
  say(message: (position: OrderPosition) => Message): void {
    if (this.#position === null || this.#members.size === 0) return;
    this.#shedSlowReaders();
    this.#broadcast(message(this.#position));
  }

  /** What is still being read is nobody's business any more. */
  close(): void {
    this.#closed = true;
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const heardOf = this.#heardOf;
      const entries = await this.#deps.journal.read(this.orderId, this.cursor, PAGE_ENTRIES);
      if (this.#closed) return;
      for (const { message } of entries) if (message.seq === this.cursor + 1) this.#extend(message);
      if (entries.length === PAGE_ENTRIES) continue;
      if (!this.#isBehind()) return;
      if (entries.length === 0 && this.#heardOf === heardOf) {
        // Whoever spoke of more was wrong, or this journal lags: the next quiet check asks it.
        this.#heardOf = this.cursor;
        this.#heardSinceCheck = false;
        return;
      }
    }
  }

  #isBehind(): boolean {
    return this.#position !== null && this.#heardOf > this.cursor;
  }

  #extend(message: JournaledMessage): void {
    // Before the cursor moves: who is too full keeps the old one.
    this.#shedSlowReaders();
    this.#position = positionAfter(message);
    this.#broadcast(message);
    if (hasEnded(this.#position)) for (const member of this.#everybody()) member.finish();
  }

  #shedSlowReaders(): void {
    for (const member of this.#everybody()) if (member.isOverfull()) member.fallBehind();
  }

  *#everybody(): Generator<RoomMember> {
    // Maps may lose entries while they are walked.
    for (const members of this.#members.values()) yield* members.values();
  }

  #broadcast(message: Message): void {
    for (const [group, members] of this.#members) group.broadcast(this.orderId, members, message);
  }
}
