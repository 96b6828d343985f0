/** Replays the journal of an order into the protocol of Stately's inspector. */
import type { MachineRegistry } from '../../../machines/registry.ts';
import { inspectionOf, type InspectionEvent } from '../../inspection/inspection-events.ts';
import type { JournalEntry } from '../../journal/entry.ts';
import type { Journal, StoredOrder } from '../../store/ports.ts';

/** @throws FillstreamError order_not_found; StoreUnavailable */
export type ReadInspection = (owner: string, orderId: string) => Promise<readonly InspectionEvent[]>;

const PAGE = 200;
/** No order has nearly as many entries. */
const MOST_ENTRIES = 2_000;

export function readInspection(
  load: (owner: string, orderId: string) => Promise<StoredOrder>,
  journal: Pick<Journal, 'read'>,
  registry: MachineRegistry,
): ReadInspection {
  return async (owner, orderId) => {
    const { lastSeq } = await load(owner, orderId);
    const entries: JournalEntry[] = [];
    while (entries.length < Math.min(lastSeq, MOST_ENTRIES)) {
      const page = await journal.read(orderId, entries.length, PAGE);
      if (page.length === 0) break;
      entries.push(...page);
    }
    return inspectionOf(registry, orderId, entries);
  };
}
