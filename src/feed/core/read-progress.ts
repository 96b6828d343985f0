import type { Socket } from 'node:net';

/**
 * Two texts that differ: in between the kernel took some of the bytes that were written, as it does while the peer reads. What Node.js
 * says of a socket changes only when a whole write is taken, which may be megabytes; libuv's queue shows how much of it is left.
 */
export function readProgress(socket: Socket): string {
  return `${socket.bytesWritten - socket.writableLength} ${leftOfWrite(socket)}`;
}

/** Of the write that is under way. Node.js itself reads it for `setTimeout`, and does not document it. 0: it cannot be read. */
function leftOfWrite(socket: object): number {
  const handle: unknown = '_handle' in socket ? socket._handle : null;
  if (typeof handle !== 'object' || handle === null || !('writeQueueSize' in handle)) return 0;
  return typeof handle.writeQueueSize === 'number' ? handle.writeQueueSize : 0;
}
