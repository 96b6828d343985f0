import type { Message } from '../../protocol/messages.ts';

/** The JSON text of messages. A message that is asked for several times in a row is encoded once. */
export class MessageText {
  #message: Message | null = null;
  #text = '';

  of(message: Message): string {
    if (message !== this.#message) {
      this.#text = JSON.stringify(message);
      this.#message = message;
    }
    return this.#text;
  }
}
