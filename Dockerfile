# Voltagraph in a container. Everything installed is pinned by hash; build tools stay in the first stage.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/run.txt requirements/build.txt requirements/
RUN python -m venv /opt/voltagraph \
 && /opt/voltagraph/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/run.txt \
 && python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY access access
COPY api api
COPY app app
COPY graph graph
COPY harvester harvester
COPY ontology ontology
COPY records records
COPY search search
COPY shapes shapes
COPY ui ui
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/voltagraph/bin/python -m pip install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin voltagraph \
 && install -d -m 700 -o voltagraph -g voltagraph /var/lib/voltagraph
COPY --from=build /opt/voltagraph /opt/voltagraph
ENV PATH=/opt/voltagraph/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    VOLTAGRAPH_HOME=/var/lib/voltagraph \
    VOLTAGRAPH_HOST=0.0.0.0 \
    VOLTAGRAPH_LOG_FORMAT=json
USER voltagraph
VOLUME /var/lib/voltagraph
EXPOSE 8000
ENTRYPOINT ["voltagraph"]
CMD ["serve"]
