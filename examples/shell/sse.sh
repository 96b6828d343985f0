#!/bin/sh
# Submits an order and follows it with curl alone: `sh examples/shell/sse.sh`. The stream ends with the order.
set -eu
url=${FILLSTREAM_URL:-http://127.0.0.1:3000}
# Only a server that has API keys asks for one.
[ -z "${FILLSTREAM_API_KEY:-}" ] || set -- --header "Authorization: Bearer $FILLSTREAM_API_KEY"

order=$(curl -sS --fail-with-body "$@" "$url/api/orders/execute" \
  -H 'Content-Type: application/json' \
  -d '{"sellToken":"WETH","buyToken":"USDC","sellAmount":"1000000000000000000"}')
id=$(printf '%s' "$order" | sed 's/.*"orderId":"\([a-z2-7]*\)".*/\1/')

curl -sSN "$@" "$url/api/orders/$id/events"
