/** Larger batches would hold up Redis and the hearers. */
export const NOTIFICATIONS_PER_BATCH = 200;

/** What one turn of the event loop has gathered goes out together, in as few messages as may be. */
export class NotificationBatch<Notification> {
  readonly #send: (notifications: readonly Notification[]) => void;
  #notifications: Notification[] = [];
  #flushing: NodeJS.Immediate | null = null;

  constructor(send: (notifications: readonly Notification[]) => void) {
    this.#send = send;
  }

  add(hint: Notification): void {
    this.#notifications.push(hint);
    this.#flushing ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#flushing !== null) clearImmediate(this.#flushing);
    this.#flushing = null;
    const notifications = this.#notifications;
    this.#notifications = [];
    for (let sent = 0; sent < notifications.length; sent += NOTIFICATIONS_PER_BATCH) {
      this.#send(notifications.slice(sent, sent + NOTIFICATIONS_PER_BATCH));
    }
  }
}
