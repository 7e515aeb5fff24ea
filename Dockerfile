# docker build -t aks-twin . && docker run --rm --network none -v "$PWD:/work:ro" aks-twin review samples/online-shop
FROM node:22-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-alpine
# git for --base-ref; a mounted repository belongs to someone else than the container's user.
RUN apk add --no-cache git && git config --system --add safe.directory '*'
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE README.md ./
COPY schemas ./schemas
USER node
WORKDIR /work
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["--help"]
