# Server and worker share all but the last steps:
# docker build --target server .   and   docker build --target worker .

# Node 24 is a long-term release, kept until April 2028.
FROM node:24-bookworm-slim AS build
WORKDIR /src
ENV CI=true
# The store depends on these files only, so a change of code downloads nothing.
COPY scripts/pnpm package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN ./pnpm fetch
COPY . .
RUN ./pnpm install --frozen-lockfile --offline
RUN node scripts/build.mjs --installed
# A folder with the built files and production dependencies, and nothing else.
RUN ./pnpm --filter server deploy --prod --offline out/server
RUN ./pnpm --filter worker deploy --prod --offline out/worker

FROM node:24-bookworm-slim AS runtime
# A worker whose handler hangs ends its own process with SIGKILL, and Linux does not deliver that to process 1 of a container.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["tini", "--"]
ENV NODE_ENV=production
WORKDIR /app
USER node

FROM runtime AS server
COPY --from=build /src/out/server ./
# Loopback of a container is not reachable from outside. On 0.0.0.0 the server needs AUTH_SECRET or ALLOW_ANONYMOUS=1.
ENV HOST=0.0.0.0 PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "dist/healthy.js"]
CMD ["node", "dist/main.js"]

FROM runtime AS worker
COPY --from=build /src/out/worker ./
ENV HEALTH_FILE=/tmp/telltale-healthy
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "dist/healthy.js"]
CMD ["node", "dist/main.js"]
