import { createServer } from 'node:http';
import { once } from 'node:events';
import express from 'express';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { adoptMessages, ownMessages } from '../../src/http/messages.ts';

test('Express changes no prototype of a request and a response that were made with those of its app', async () => {
  const messages = ownMessages();
  const app = express();
  adoptMessages(app, messages);
  const seen: boolean[] = [];
  app.use((req, res) => {
    seen.push(Object.getPrototypeOf(req) === messages.IncomingMessage.prototype);
    seen.push(Object.getPrototypeOf(res) === messages.ServerResponse.prototype);
    // What Express adds to both is there.
    res.json({ path: req.path, isOfApp: req.app === app });
  });
  const server = createServer(messages, app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const answer = await fetch(`http://127.0.0.1:${port}/here?a=1`);
  expect(await answer.json()).toEqual({ path: '/here', isOfApp: true });
  expect(seen).toEqual([true, true]);
  server.close();
  server.closeAllConnections();
});
