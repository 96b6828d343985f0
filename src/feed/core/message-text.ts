import type { Sent } from './reader.ts';

/** The JSON text of messages. A message that is asked for several times in a row is encoded once. */
export class MessageText {
  #message: Sent | null = null;
  #text = '';

  of(message: Sent): string {
    if (message !== this.#message) {
      this.#text = JSON.stringify(message);
      this.#message = message;
    }
    return this.#text;
  }
}
