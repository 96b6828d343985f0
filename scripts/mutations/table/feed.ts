import type { Mutation } from '../mutation.ts';

const CORE = 'src/feed/core';
/** Uses no sockets and no Redis, and is deterministic. */
const ONE = 'test/feed/one-process.test.ts';

const OWNER = 'src/feed/owner';
const COMING_BACK = 'test/feed/all-orders/coming-back.test.ts';
const SLOW_WATCHERS = 'test/feed/all-orders/slow-watchers.test.ts';

export const FEED_MUTATIONS: readonly Mutation[] = [
  {
    file: `${CORE}/subscription.ts`,
    before: "if (after !== 'latest' && after > lastSeq) throw",
    after: 'if (false) throw',
    fault: 'a client that names an entry which does not exist yet gets no error',
    promise: 5,
    test: ONE,
  },
  {
    file: `${CORE}/subscription.ts`,
    before: "if (this.#state !== 'replaying' || this.#connection.isOverfull()) return;",
    after: "if (this.#state !== 'replaying') return;",
    fault: 'a replay buffers more than the limit for a client that does not read',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/subscription.ts`,
    before: 'if (this.#isOver() || order === null) return null;',
    after: 'if (order === null) return null;',
    fault: 'a subscription that ended while its order was read still sends',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/subscription.ts`,
    before: 'if (this.#isOver()) return true;',
    after: '',
    fault: 'a subscription that has ended still reads the journal',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/subscription.ts`,
    before: 'const position = room !== null && room.lastSeq > read.lastSeq ? room : read;',
    after: 'const position = read;',
    fault: 'a lagging read makes an entry that was sent seem not to exist',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/catch-up-loop.ts`,
    before: 'if (now - failingSince >= this.#patienceMs) {',
    after: 'if (false) {',
    fault: 'a client whose replay fails gets no error',
    promise: 5,
    test: ONE,
  },
  {
    file: `${CORE}/subscription.ts`,
    before: `    this.#leaveRoom();
    this.#state = 'replaying';
    void this.#catchUp.run();`,
    after: `    this.#leaveRoom();
    this.#state = 'replaying';`,
    fault: 'a reader that fell behind never catches up',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/subscription.ts`,
    before: `    if (position !== null && hasEnded(position)) {
      this.finish();
      return;
    }`,
    after: '',
    fault: 'a stream of an order that has ended stays open',
    promise: 5,
    test: ONE,
  },
  {
    file: `${CORE}/subscription.ts`,
    before: "if (this.#state === 'live') this.#leaveRoom();",
    after: '',
    fault: 'entries are sent after the client has unsubscribed',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/journal-cursor.ts`,
    before: 'if (this.#seq !== null && message.seq === this.seq + 1) this.#pass(message);',
    after: 'if (this.#seq !== null && message.seq > this.seq) this.#pass(message);',
    fault: 'an entry is sent before an earlier one whose notification was lost',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/journal-cursor.ts`,
    before: 'if (this.#seq !== null && message.seq === this.seq + 1) this.#pass(message);',
    after: 'if (this.#seq !== null && message.seq !== this.seq) this.#pass(message);',
    fault: 'an entry whose notification arrives late is sent twice',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/journal-cursor.ts`,
    before: 'for (const { message } of entries) if (message.seq === this.seq + 1) this.#pass(message);',
    after: 'for (const { message } of entries) this.#pass(message);',
    fault: 'an entry that is read and notified at the same time is sent twice',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/room.ts`,
    before: 'if (this.#position === null || (this.#members.size === 0 && position.lastSeq > this.cursor)) {',
    after: 'if (this.#position === null || position.lastSeq > this.cursor) {',
    fault: 'a new subscription moves the cursor past entries that other members were not sent',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/journal-cursor.ts`,
    before: 'if (this.isBehind) this.catchUp().catch(this.#deps.onReadFailed);',
    after: '',
    fault: 'an entry whose notification was lost is not read from the journal',
    promise: 6,
    test: ONE,
  },
  {
    file: `${CORE}/journal-cursor.ts`,
    before: 'const quiet = !this.#notifiedSinceCheck || this.isBehind;',
    after: 'const quiet = !this.#notifiedSinceCheck;',
    fault: 'a failed read of the journal is not repeated while notifications arrive',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/room.ts`,
    before: `    this.#detachSlowReaders();
    this.#position = positionAfter(message);`,
    after: `    this.#position = positionAfter(message);
    this.#detachSlowReaders();`,
    fault: 'a reader that falls behind misses the entry at which it fell behind',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/room.ts`,
    before: `    this.#detachSlowReaders();
    this.#broadcast(message(this.#position));`,
    after: '    this.#broadcast(message(this.#position));',
    fault: 'heartbeats buffer more than the limit for a client that does not read',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/room.ts`,
    before: 'if (hasEnded(this.#position)) for (const member of this.#allMembers()) member.finish();',
    after: '',
    fault: 'streams stay open after the last entry of their order',
    promise: 5,
    test: ONE,
  },
  {
    file: `${CORE}/rooms.ts`,
    before: 'if (counted.refCount > 0) return;',
    after: '',
    fault: 'the first subscription that ends removes the room of the others',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/rooms.ts`,
    before: 'this.#rooms.delete(room.orderId);',
    after: '',
    fault: 'rooms without subscriptions stay in memory',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/drain-monitor.ts`,
    before: '} else if (now - waiting.readSince >= this.#limits.patienceMs) {',
    after: '} else if (false) {',
    fault: 'a reader that never reads is never closed',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/drain-monitor.ts`,
    before: '        waiting.readSince = now;',
    after: '',
    fault: 'a reader that makes slow progress is closed',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/connection.ts`,
    before: 'if (!drained) this.disconnect(',
    after: 'if (false) this.disconnect(',
    fault: 'a slow reader is dropped without the entry to resume from',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/connection.ts`,
    before: 'if (this.#subscriptions.size >= maxSubscriptions) {',
    after: 'if (this.#subscriptions.size > maxSubscriptions) {',
    fault: 'a connection may watch one order more than the limit',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/connection.ts`,
    before: `    if (this.#closed) return null;
    this.unsubscribe(orderId);`,
    after: '    if (this.#closed) return null;',
    fault: 'an order that is subscribed twice on one connection is sent twice',
    promise: 4,
    test: ONE,
  },
  {
    file: `${CORE}/connection.ts`,
    before: 'for (const subscription of this.#subscriptions.values()) subscription.end();',
    after: '',
    fault: 'the subscriptions of a closed connection stay',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/connection.ts`,
    before: 'return this.#replays.run(act);',
    after: 'return act();',
    fault: 'one connection reads as many pages at once as it has orders',
    promise: 9,
    test: ONE,
  },
  {
    file: `${CORE}/feed.ts`,
    before: 'for (const room of quiet) room.noteSeq(lastSeqs.get(room.orderId) ?? 0);',
    after: '',
    fault: 'a room that got no notification never reads the journal',
    promise: 6,
    test: ONE,
  },
  {
    file: `${CORE}/feed.ts`,
    before:
      "connection.disconnect('shutting_down', SHUTTING_DOWN, Math.round(random() * COME_BACK_WITHIN_MS));",
    after: '',
    fault: 'a server that shuts down does not send its readers where to resume',
    promise: 5,
    test: ONE,
  },
  {
    file: `${OWNER}/owner-subscription.ts`,
    before: "if (changed.outcome === 'read' && !this.#isOver()) await this.#deps.sweep();",
    after: '',
    fault: 'a watcher of all orders that comes back gets an order twice that its server did not know',
    promise: 4,
    test: COMING_BACK,
    title: 'gets an order once that its server did not know',
  },
  {
    file: `${OWNER}/owner-subscription.ts`,
    before: `    this.#room.join(this);
    await ready;`,
    after: '    await ready;',
    fault: 'what is committed while a watcher of all orders comes back is left out',
    promise: 4,
    test: COMING_BACK,
    title: 'while the store is asked what it missed',
  },
  {
    file: `${OWNER}/owner-feed.ts`,
    before: 'if (!isWhole) return;',
    after: '',
    fault: 'an entry that is not visible yet is never asked for again',
    promise: 4,
    test: COMING_BACK,
    title: 'does not show yet is asked for again',
  },
  {
    file: `${OWNER}/owner-feed.ts`,
    before: 'if (order === undefined) this.#sweeps.runSoon();',
    after: `if (order === undefined) {
        const room = rooms[0]?.room;
        room?.orders.add(message.orderId, message.seq - 1).cursor.offer(message);
      }`,
    fault: 'whatever a notification says of an unknown order is passed on',
    promise: 4,
    test: COMING_BACK,
    title: 'is asked of the store first',
  },
  {
    file: `${OWNER}/owner-room.ts`,
    before: 'if (isUnsure || member.isOverfull()) member.fallBehind(order, message.seq - 1);',
    after: 'if (isUnsure) member.fallBehind(order, message.seq - 1);',
    fault: 'a watcher of all orders that does not read costs more and more memory',
    promise: 9,
    test: SLOW_WATCHERS,
    title: 'falls behind on its own, catches up on each order',
  },
];
