/**
 * The live end of one order's journal on this server: its members were sent everything up to one cursor and nothing after it. So each
 * member gets each entry once and in order.
 */
import type { JournaledMessage, Message } from '../../protocol/messages.ts';
import type { Journal } from '../../store/ports.ts';
import { JournalCursor } from './journal-cursor.ts';
import type { Reader, ReaderGroup } from './reader.ts';
import { hasEnded, positionAfter, type OrderPosition } from './order-position.ts';

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
  readonly #journalCursor: JournalCursor;
  readonly #members = new Map<ReaderGroup, Map<Reader, RoomMember>>();
  /** The cursor, with the order's status there; null until the order was read. */
  #position: OrderPosition | null = null;

  constructor(orderId: string, deps: RoomDeps) {
    this.orderId = orderId;
    this.#journalCursor = new JournalCursor(orderId, null, {
      ...deps,
      // Throws for a state that is not known.
      beforeEntry: (message) => void positionAfter(message),
      onEntry: (message) => this.#append(message),
    });
  }

  get position(): OrderPosition | null {
    return this.#position;
  }

  get cursor(): number {
    return this.#position?.lastSeq ?? 0;
  }

  join(member: RoomMember): void {
    const { group } = member.reader;
    const members = this.#members.get(group) ?? new Map<Reader, RoomMember>();
    this.#members.set(group, members);
    members.set(member.reader, member);
  }

  leave({ reader }: RoomMember): void {
    const members = this.#members.get(reader.group);
    if (members?.delete(reader) === true && members.size === 0) this.#members.delete(reader.group);
  }

  /** The order as the store has it. Moves the cursor only while there are no members, who would miss what lies between. */
  observePosition(position: OrderPosition): void {
    if (this.#position === null || (this.#members.size === 0 && position.lastSeq > this.cursor)) {
      this.#position = position;
      this.#journalCursor.moveTo(position.lastSeq);
    }
    this.noteSeq(position.lastSeq);
  }

  /** An entry from a notification, or one that a replay read from the journal. */
  offer(message: JournaledMessage): void {
    this.#journalCursor.offer(message);
  }

  /** The journal reaches this far, as a notification or a read says. */
  noteSeq(seq: number): void {
    this.#journalCursor.noteSeq(seq);
  }

  /** Whether there was no notification since the last check, or entries that were named are still to be read. */
  checkQuiet(): boolean {
    return this.#journalCursor.checkQuiet();
  }

  /** Reads the journal to its end. Calls that come meanwhile share the same reading. */
  catchUp(): Promise<void> {
    return this.#journalCursor.catchUp();
  }

  /** Sends a control message to all members. */
  sendControl(message: (position: OrderPosition) => Message): void {
    if (this.#position === null || this.#members.size === 0) return;
    this.#detachSlowReaders();
    this.#broadcast(message(this.#position));
  }

  /** The result of a read that still runs is dropped. */
  close(): void {
    this.#journalCursor.close();
  }

  #append(message: JournaledMessage): void {
    // Before the position moves: overfull members keep the old cursor.
    this.#detachSlowReaders();
    this.#position = positionAfter(message);
    this.#broadcast(message);
    if (hasEnded(this.#position)) for (const member of this.#allMembers()) member.finish();
  }

  #detachSlowReaders(): void {
    for (const member of this.#allMembers()) if (member.isOverfull()) member.fallBehind();
  }

  *#allMembers(): Generator<RoomMember> {
    // A Map may lose entries during an iteration.
    for (const members of this.#members.values()) yield* members.values();
  }

  #broadcast(message: Message): void {
    for (const [group, members] of this.#members) group.broadcast(this.orderId, members, message);
  }
}
