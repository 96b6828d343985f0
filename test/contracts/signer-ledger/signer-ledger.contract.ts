/** What every signer's ledger must do, in any store: each adapter runs this suite. It uses only the port. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { SignerLedger } from '../../../src/store/ledger.ts';
import type { Store } from '../../../src/store/ports.ts';
import { attempts } from './signer-ledger-attempts.ts';
import { closing } from './signer-ledger-closing.ts';
import { crashes } from './signer-ledger-crashes.ts';
import { accounts } from './signer-ledger-accounts.ts';
import { moves } from './signer-ledger-moves.ts';
import { taking } from './signer-ledger-taking.ts';

/** The place of a store: what one instance wrote there, another one reads. */
export interface StorePlace {
  /** A file's path, or a `mongodb://` URL: for another process. */
  readonly address: string;
  open(): Promise<Store>;
  remove(): Promise<void>;
}

/** The ledger of the test that runs. */
export type TheLedger = () => SignerLedger;

/** @param newPlace gives an empty one, each time another */
export function signerLedgerContract(name: string, newPlace: () => Promise<StorePlace>): void {
  describe(`the signer's ledger on ${name}`, () => {
    let place: StorePlace | null = null;
    let store: Store | null = null;
    beforeAll(async () => {
      place = await newPlace();
      store = await place.open();
    });
    afterAll(async () => {
      await store?.close();
      await place?.remove();
    });
    const theLedger = (): SignerLedger => {
      if (store === null) throw new Error('no store is open: the contract asked for one outside of a test');
      return store.ledger;
    };

    describe('accounts', () => accounts(theLedger));
    describe('taking reservations', () => taking(theLedger));
    describe('moves', () => moves(theLedger));
    describe('attempts', () => attempts(theLedger));
    describe('closing', () => closing(theLedger));
    describe('over the end of a process', () => crashes(newPlace));
  });
}
