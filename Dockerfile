# vigie's worker and command line. Everything that is installed stands, with its hash, in the lock files.
FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# The build tools stay in this stage.
WORKDIR /build
COPY requirements-build.lock requirements.lock ./
RUN python -m venv /opt/vigie \
    && python -m pip install --require-hashes --requirement requirements-build.lock \
    && python -m pip wheel --require-hashes --no-deps --no-build-isolation --use-pep517 --wheel-dir wheels --requirement requirements.lock \
    && /opt/vigie/bin/python -m pip install --no-index --no-deps wheels/*.whl
COPY pyproject.toml README.md LICENSE NOTICE* ./
COPY pipeline pipeline
COPY agents agents
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir own . \
    && /opt/vigie/bin/python -m pip install --no-index --no-deps own/*.whl

FROM python:3.11-slim-bookworm

RUN groupadd --system --gid 10001 vigie \
    && useradd --system --uid 10001 --gid vigie --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin vigie
COPY --from=build /opt/vigie /opt/vigie
# A fixed port, so that the health check and Prometheus find it. Nothing is written outside /tmp: the root may be read-only.
ENV PATH=/opt/vigie/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VIGIE_WEB_PORT=6066
WORKDIR /tmp
USER 10001:10001
EXPOSE 6066
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f\"http://127.0.0.1:{os.environ['VIGIE_WEB_PORT']}/health/live\", timeout=3)"]
ENTRYPOINT ["vigie"]
CMD ["worker"]
