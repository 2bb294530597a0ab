# The command line on a CPU. Build:  docker build -t froyolo .
# Run:  docker run --rm -v "$PWD:/work" froyolo train --data data.yaml --weights yolov5n.pt --freeze 10
FROM node:22-bookworm-slim AS build
WORKDIR /froyolo
COPY . .
# The packages of the workspace that the command line needs, with what they depend on, in one folder.
RUN corepack enable \
 && pnpm install --frozen-lockfile \
 && pnpm --filter "froyolo..." run build \
 && pnpm --filter froyolo deploy --prod --legacy /app

FROM node:22-bookworm-slim
# Fonts for the class names in pictures and charts. Without versions: a release of Debian has one of each package.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-dejavu-core fontconfig \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /opt/froyolo
RUN ln -s /opt/froyolo/bin/froyolo.js /usr/local/bin/froyolo
# Official checkpoints are kept in a volume.
ENV XDG_CACHE_HOME=/cache
RUN mkdir /cache && chmod 777 /cache
VOLUME /cache
WORKDIR /work
ENTRYPOINT ["froyolo"]
CMD ["--help"]
