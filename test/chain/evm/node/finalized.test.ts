import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openChainNode } from '../../../../src/chain/evm/node/chain-node.ts';
import { LocalAnvil } from '../../../support/chain/local-anvil.ts';
import { rpcProxy, type RpcProxy } from '../../../support/chain/rpc-proxy.ts';

let anvil: LocalAnvil;
let proxy: RpcProxy;

beforeAll(async () => {
  anvil = await new LocalAnvil().start();
  proxy = await rpcProxy(anvil.rpcUrl);
}, 60_000);
afterAll(async () => {
  await proxy.close();
  await anvil.remove();
});

function answerFinalized(status: number, body: string): void {
  proxy.answer = ({ method, params }) =>
    method === 'eth_getBlockByNumber' && params[0] === 'finalized' ? { status, body } : null;
}

function refusal(code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } });
}

test('a node that does not know the tag belongs to a chain without finality', async () => {
  answerFinalized(200, refusal(-32602, 'invalid block tag'));
  expect(await openChainNode(proxy.url).finalized()).toBeNull();
});

test.each([
  ['an answer of 429', 429, 'Too many requests'],
  ['the error that says so', 200, refusal(-32005, 'limit exceeded')],
])(
  'a node that asks for fewer requests, by %s, does not end the wait for finality',
  async (_how, status, body) => {
    answerFinalized(status, body);
    await expect(openChainNode(proxy.url).finalized()).rejects.toMatchObject({
      name: 'EffectError',
      kind: 'wait',
    });
  },
);
