/**
 * Stands between a client and a MongoDB server, and answers writes itself while it is told to, as a server does that has no more disk, is
 * no primary any more, or does not let the user write. Everything else goes through.
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
import type { Socket } from 'node:net';
import { mongo } from 'mongoose';
import { TcpProxy } from '../tcp-proxy.ts';

const HEADER_BYTES = 16;
const OP_MSG = 2013;
/** A message's flags, and the kind of its first section. */
const BODY_AT = HEADER_BYTES + 4 + 1;
const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'create', 'createIndexes'];

/** What a server sends back: `{ok: 0, code, codeName, errmsg}`, or `{ok: 1, …, writeConcernError}`. */
export type Refusal = Readonly<Record<string, unknown>>;

export class RefusingProxy extends TcpProxy {
  #refusal: Refusal | null = null;

  static to(host: string, port: number): Promise<RefusingProxy> {
    return new RefusingProxy(host, port).listen();
  }

  /** @param answer what every write gets from now on; null: they go through */
  refuseWrites(answer: Refusal | null): void {
    this.#refusal = answer;
  }

  protected override carry(client: Socket, server: Socket): void {
    server.on('data', (data) => client.write(data));
    let received = Buffer.alloc(0);
    client.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      while (received.length >= HEADER_BYTES && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0));
        received = received.subarray(message.length);
        if (this.#refusal !== null && isWrite(message)) client.write(replyTo(message, this.#refusal));
        else server.write(message);
      }
    });
  }
}

/** The name of a command is the first field of its body, which the driver sends as the first section. */
function isWrite(message: Buffer): boolean {
  if (message.readInt32LE(12) !== OP_MSG) return false;
  const body = mongo.BSON.deserialize(message.subarray(BODY_AT, BODY_AT + message.readInt32LE(BODY_AT)));
  return WRITES.includes(Object.keys(body)[0] ?? '');
}

function replyTo(request: Buffer, answer: Refusal): Buffer {
  const body = mongo.BSON.serialize(answer);
  const head = Buffer.alloc(BODY_AT);
  head.writeInt32LE(BODY_AT + body.length, 0);
  head.writeInt32LE(request.readInt32LE(4), 8);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}
