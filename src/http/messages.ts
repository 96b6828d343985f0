/**
 * The classes of a server's requests and responses. Express changes the prototypes of both after Node.js has made them, which costs each
 * of them a hidden class of its own in V8: 2 KB for as long as a stream is open. Made with these prototypes, none is changed.
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';

export interface Messages {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/** For one server and one app, in either order. */
export function ownMessages(): Messages {
  return {
    IncomingMessage: class extends IncomingMessage {},
    ServerResponse: class<Of extends IncomingMessage> extends ServerResponse<Of> {},
  };
}

/** From now on the prototypes are those that the app gives to what it handles. */
export function adoptMessages(app: Express, messages: Messages): void {
  const request = messages.IncomingMessage.prototype;
  const response = messages.ServerResponse.prototype;
  Object.setPrototypeOf(request, app.request);
  Object.setPrototypeOf(response, app.response);
  Object.assign(app, { request, response });
}
