/** A TCP connection that can be cut, or carry nothing in one direction, between a client and a server that know nothing of it. */
import type { Socket } from 'node:net';
import { TcpProxy } from './tcp-proxy.ts';

export class Cable extends TcpProxy {
  readonly #clients = new Set<Socket>();
  #isCut = false;
  #readsRequests = true;
  #holdsReplies = false;
  #heldText: string | null = null;
  #held: (() => void)[] = [];

  static to(host: string, port: number): Promise<Cable> {
    return new Cable(host, port).listen();
  }

  /** Every connection breaks, and none can be made. */
  cut(): void {
    this.#isCut = true;
    this.breakAll();
  }

  /** Requests arrive; their answers do not. */
  holdReplies(): void {
    this.#holdsReplies = true;
  }

  /** What clients send is not read: it fills their buffers. */
  stopReading(): void {
    this.#readsRequests = false;
    for (const client of this.#clients) client.pause();
  }

  /** Requests that contain this text arrive when the cable is mended. */
  holdRequests(text: string): void {
    this.#heldText = text;
  }

  /** How many requests are held. */
  get held(): number {
    return this.#held.length;
  }

  mend(): void {
    this.#isCut = false;
    this.#readsRequests = true;
    for (const client of this.#clients) client.resume();
    this.#holdsReplies = false;
    this.#heldText = null;
    for (const send of this.#held.splice(0)) send();
  }

  override close(): Promise<void> {
    this.cut();
    return super.close();
  }

  protected override carry(client: Socket, server: Socket): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    client.on('data', (data) => {
      const isHeld = this.#heldText !== null && data.includes(this.#heldText);
      if (isHeld) this.#held.push(() => server.write(data));
      else server.write(data);
    });
    if (!this.#readsRequests) client.pause();
    server.on('data', (data) => {
      if (!this.#holdsReplies) client.write(data);
    });
  }
}
