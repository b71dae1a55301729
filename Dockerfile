# Two targets: `slim` is the gateway; `full` adds what an admin wants at hand inside a container.
#   docker build --target slim -t pansentry .
FROM python:3.13-slim-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY requirements ./requirements
COPY native ./native
COPY src ./src
COPY policies ./policies
COPY replies ./replies
COPY examples ./examples
COPY docs/deployment ./docs/deployment
RUN python -m venv /opt/pansentry \
 && /opt/pansentry/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock \
 && /opt/pansentry/bin/pip install --no-cache-dir --no-deps --no-build-isolation . ./native

FROM python:3.13-slim-trixie AS slim
RUN apt-get update && apt-get install -y --no-install-recommends libarchive13t64 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/pansentry pansentry \
 && install -d -o pansentry -g pansentry /etc/pansentry /var/mail/pansentry
COPY --from=build /opt/pansentry /opt/pansentry
ENV PATH=/opt/pansentry/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/pansentry
VOLUME ["/var/lib/pansentry", "/var/mail/pansentry"]
EXPOSE 2525
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["pansentry", "healthcheck", "-c", "/etc/pansentry/pansentry.yaml"]
ENTRYPOINT ["pansentry"]
CMD ["serve", "-c", "/etc/pansentry/pansentry.yaml"]

FROM slim AS full
USER 0
RUN apt-get update && apt-get install -y --no-install-recommends swaks && rm -rf /var/lib/apt/lists/*
USER 10001:10001
