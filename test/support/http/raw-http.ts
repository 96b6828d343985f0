import { connect } from 'node:net';

/** Writes these bytes to a fresh connection and resolves with all that came back until the other end closed. */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  { halfClose = false } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    socket.write(bytes);
    if (halfClose) socket.end();
  });
}
