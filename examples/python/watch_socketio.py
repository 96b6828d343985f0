"""Follows all orders over Socket.IO until one has ended: `python examples/python/watch_socketio.py`. Needs python-socketio and aiohttp."""

import asyncio
import os

import aiohttp
import socketio

URL = os.environ.get("FILLSTREAM_URL", "http://127.0.0.1:3000")
API_KEY = os.environ.get("FILLSTREAM_API_KEY")
# A server without API keys asks for none.
HEADERS = {"Authorization": f"Bearer {API_KEY}"} if API_KEY else {}
ENDS = {"confirmed", "failed", "cancelled"}


async def main() -> None:
    client = socketio.AsyncClient()
    ended = asyncio.Event()
    own: set[str] = set()

    @client.on("status")
    async def on_status(message: dict) -> None:
        print(message["type"], message.get("orderId", ""), message["message"], flush=True)
        if message["type"] in ENDS and message["orderId"] in own:
            ended.set()

    await client.connect(URL, headers=HEADERS, transports=["websocket"])
    # The acknowledgement has the token from which the stream goes on after a lost connection.
    print(await client.call("subscribe", {"scope": "orders", "filter": {"sellToken": "WETH"}}))

    order = {"sellToken": "WETH", "buyToken": "DAI", "sellAmount": str(10**17)}
    async with aiohttp.ClientSession(headers=HEADERS) as session, session.post(f"{URL}/api/orders/execute", json=order) as answer:
        answer.raise_for_status()
        own.add((await answer.json())["orderId"])
    # An order that ends before its id is known here would be missed: its own stream begins with its journal.
    await client.call("subscribe", {"orderId": next(iter(own)), "after": 0})
    await asyncio.wait_for(ended.wait(), 60)
    await client.disconnect()


asyncio.run(main())
