import type { Sent } from './reader.ts';

/** The JSON text of messages. A message that is asked for several times in a row is encoded once. */
export class MessageText {
  readonly #shown: (message: Sent) => object;
  #message: Sent | null = null;
  #text = '';

  /** @param shown what of each message is encoded */
  constructor(shown: (message: Sent) => object = (message) => message) {
    this.#shown = shown;
  }

  of(message: Sent): string {
    if (message !== this.#message) {
      this.#text = JSON.stringify(this.#shown(message));
      this.#message = message;
    }
    return this.#text;
  }
}
