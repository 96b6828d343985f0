# The roles `api` and `worker`, and the private chain of `docker-compose.yml`, in one image: `docker run … fillstream worker`. There is no redis-server in it, so that
# every role needs REDIS_URL (or FEED_REDIS_URL and QUEUE_REDIS_URLS); `start` without one would look for it in vain.

# Has the compiler that better-sqlite3 is built with where no ready-made binary can be had.
FROM node:24-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY machines machines
COPY src src
COPY page page
COPY scripts/page scripts/page
RUN npm run build \
  # The contracts of the private market, wherever package.json lists them.
  && mkdir /contracts && cp -a node_modules/@uniswap node_modules/@openzeppelin /contracts \
  && npm prune --omit=dev \
  && cp -an /contracts/. node_modules \
  && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
  && find node_modules/better-sqlite3/build/Release -mindepth 1 -maxdepth 1 ! -name better_sqlite3.node -exec rm -rf {} +

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# A new volume takes over this folder's owner. Nothing else is ever written to.
RUN mkdir -m 700 /data /data/market /data/keys && chown node:node /data /data/market /data/keys
USER node
# Node itself, which takes SIGTERM; npm in between would not hand it on. As process 1 it ignores signals until it has
# started: run it with an init (`docker run --init`, `init: true`).
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["api"]
EXPOSE 3000
