# Runs the unit and integration tests on the images' Python and PostgreSQL: Debian trixie's 3.13 and 17.
# Build context: the repository root.
FROM debian:trixie-slim
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      python3 python3-venv ca-certificates git util-linux postgresql-17 pgbackrest poppler-utils \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-open-sans fonts-dejavu-core \
      libreoffice-calc-nogui >/dev/null \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10003 --user-group --create-home tester
# build/ca/bundle.crt is optional: what a machine behind an inspecting proxy trusts. This image runs tests and goes nowhere.
COPY manifests/machine/uv-version build/c[a]/bundle.crt /build/
COPY manifests/machine/with-ca /usr/local/bin/
RUN python3 -m venv /uv && cd /build && with-ca /uv/bin/pip install --quiet --no-cache-dir "uv==$(cat uv-version)"
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/usr/bin/python3 UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE /src/
RUN with-ca /uv/bin/uv sync --locked --all-extras --no-install-project --quiet
COPY --chown=10003:10003 . /src
RUN with-ca /uv/bin/uv sync --locked --all-extras --quiet && chown 10003:10003 /src
USER 10003
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# What measures or fuzzes for minutes is the same on every Python: once is enough. So are the long histories of the
# operator's pure planners; the operator itself runs on this Python in the cluster's tests.
ENTRYPOINT ["pytest", "-p", "no:cacheprovider", "tests/unit", "tests/integration", "--junitxml=/reports/python313.xml", \
            "--ignore=tests/integration/bench", "--ignore=tests/integration/hardening/test_schemathesis.py", \
            "--ignore=tests/unit/operator", "--ignore=tests/unit/rotations", "--ignore=tests/unit/data_operations", \
            "--ignore=tests/unit/spec_fields"]
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.version="$VERSION" org.opencontainers.image.revision="$REVISION"
