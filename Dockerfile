# One file for both, because server and worker share everything up to their last steps:
# docker build --target server .   and   docker build --target worker .

# Node 24 is a long-term release, kept until April 2028.
FROM node:24-bookworm-slim AS build
WORKDIR /src
ENV CI=true
# The store depends on the lock file alone: a change of code downloads nothing.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npx --yes pnpm@12.21.0 fetch
COPY . .
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --offline
RUN node scripts/build.mjs --installed
# A folder with the built files and production dependencies, and nothing else.
RUN npx --yes pnpm@12.21.0 --filter server deploy --prod --offline out/server
RUN npx --yes pnpm@12.21.0 --filter worker deploy --prod --offline out/worker

FROM node:24-bookworm-slim AS runtime
# A worker whose handler hangs ends its own process with SIGKILL, and Linux does not deliver that to process 1 of a container.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["tini", "--"]
ENV NODE_ENV=production
WORKDIR /app
USER node

FROM runtime AS server
COPY --from=build /src/out/server ./
# In a container loopback is nobody's. The server refuses to start so without AUTH_SECRET, or ALLOW_ANONYMOUS=1.
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "dist/healthy.js"]
CMD ["node", "dist/main.js"]

FROM runtime AS worker
COPY --from=build /src/out/worker ./
ENV HEALTH_FILE=/tmp/telltale-healthy
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "dist/healthy.js"]
CMD ["node", "dist/main.js"]
