/** Larger batches would hold up Redis and the processes that receive them. A receiver refuses larger ones. */
export const NOTIFICATIONS_PER_BATCH = 200;
