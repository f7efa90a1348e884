FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements/run.txt requirements/build.txt requirements/
RUN python -m venv /opt/dropline \
    && /opt/dropline/bin/pip install --require-hashes -r requirements/run.txt \
    && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY scheduler scheduler
COPY worker worker
RUN pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
    && /opt/dropline/bin/pip install --no-deps wheels/*.whl

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home dropline
COPY --from=build /opt/dropline /opt/dropline
ENV PATH=/opt/dropline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER dropline
WORKDIR /home/dropline
# No ENTRYPOINT: compose gives each process its command, and `init: true` reaps and forwards.
CMD ["dropline", "--help"]
