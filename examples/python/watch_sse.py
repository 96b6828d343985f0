"""Submits an order and follows it by server-sent events: `python examples/python/watch_sse.py`. Needs httpx and httpx-sse."""

import json
import os
import time
import uuid

import httpx
from httpx_sse import connect_sse

URL = os.environ.get("FILLSTREAM_URL", "http://127.0.0.1:3000")
API_KEY = os.environ.get("FILLSTREAM_API_KEY")
# A server without API keys asks for none.
HEADERS = {"Authorization": f"Bearer {API_KEY}"} if API_KEY else {}
ENDS = {"confirmed", "failed", "cancelled"}

with httpx.Client(base_url=URL, headers=HEADERS, timeout=httpx.Timeout(10, read=30)) as client:
    answer = client.post(
        "/api/orders/execute",
        # The same key with the same body gives the same order: repeat the request after a lost answer as it is.
        headers={"Idempotency-Key": str(uuid.uuid4())},
        json={"sellToken": "WETH", "buyToken": "USDC", "sellAmount": str(10**18)},
    )
    order = answer.json()
    if answer.is_error:
        raise SystemExit(f"{order['code']}: {order['detail']}")

    last_seq, ended = 0, False
    while not ended:
        try:
            # `read=30`: a heartbeat comes every 15 seconds, so that a longer silence is a lost connection.
            with connect_sse(client, "GET", order["links"]["events"], headers={"Last-Event-ID": str(last_seq)}) as events:
                for event in events.iter_sse():
                    # The stream begins with `retry: 1000`, an event without data.
                    if not event.data:
                        continue
                    message = json.loads(event.data)
                    last_seq = message.get("seq", last_seq)
                    print(message["type"], message.get("progress", ""), message["message"], flush=True)
                    ended = message["type"] in ENDS
        except httpx.TransportError:
            time.sleep(1)
