#!/bin/sh
# Follows an order on its WebSocket with wscat: `sh examples/shell/wscat.sh [order id]`. Needs wscat (npm install --global wscat).
set -eu
url=${FILLSTREAM_URL:-http://127.0.0.1:3000}

id=${1:-}
set --
# Only a server that has API keys asks for one.
[ -z "${FILLSTREAM_API_KEY:-}" ] || set -- --header "Authorization: Bearer $FILLSTREAM_API_KEY"
if [ -z "$id" ]; then
  id=$(curl -sS --fail-with-body "$@" "$url/api/orders/execute" \
    -H 'Content-Type: application/json' \
    -d '{"sellToken":"WETH","buyToken":"USDC","sellAmount":"1000000000000000000"}' |
    sed 's/.*"orderId":"\([a-z2-7]*\)".*/\1/')
fi

# ws:// where the server has http://, wss:// where it has https://.
wscat "$@" --connect "ws${url#http}/api/orders/status/$id?after=0"
