# Four images, all without root's rights and without compilers:
#
#   docker build --target worker   --tag nophoto:worker .
#   docker build --target console  --tag nophoto:console .
#   docker build --target api      --tag nophoto:api .
#   docker build --target training --tag nophoto:training .
#
# `worker` runs every command but the web pages, the HTTP API and training; it holds no TensorFlow. EXTRAS, with
# commas between, chooses what storage it reads. With --build-arg DEVICE=gpu the worker keeps OpenVINO's
# plugin for Intel's GPUs, and training gets TensorFlow with CUDA.

ARG PYTHON=3.13

FROM python:${PYTHON}-slim-bookworm AS source
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY models models
COPY worker worker
COPY jobs jobs
COPY console console
COPY api api
COPY migrations migrations
COPY src src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_COMPILE=1
RUN python -m venv /venv

FROM source AS worker-packages
ARG EXTRAS=s3
ARG DEVICE=cpu
# A model version is in OpenVINO's own form: what reads other forms, or serves other devices, would
# only be 70 MB more.
RUN /venv/bin/pip install --constraint constraints.txt ".[${EXTRAS}]" \
    && find /venv -path '*/openvino/libs/*' -name '*_frontend.so*' ! -name '*_ir_*' -delete \
    && if [ "$DEVICE" = cpu ]; then \
        find /venv -path '*/openvino/libs/*' -name '*[gn]pu_plugin.so' ! -name '*_cpu_*' -delete \
        && find /venv -path '*/openvino/libs/cache.json' -delete; \
    fi

FROM worker-packages AS console-packages
RUN /venv/bin/pip install --constraint constraints.txt ".[console]"

FROM worker-packages AS api-packages
RUN /venv/bin/pip install --constraint constraints.txt ".[api]"

FROM source AS training-packages
ARG EXTRAS=s3
ARG DEVICE=cpu
# The wheel for GPUs is another one, which brings CUDA.
RUN /venv/bin/pip install --constraint constraints.txt ".[train,${EXTRAS}]" \
    && if [ "$DEVICE" = gpu ]; then \
        /venv/bin/pip uninstall --yes tensorflow-cpu \
        && /venv/bin/pip install "tensorflow[and-cuda]==2.21.*"; \
    fi

FROM python:${PYTHON}-slim-bookworm AS base
# NOPHOTO_HOME is where a read-only container may write: mount a volume or a tmpfs there.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 NOPHOTO_HOME=/var/lib/nophoto
# A volume that is mounted over a folder of the image takes over its owner.
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/nophoto nophoto \
    && install --directory --owner 10001 /srv/nophoto-versions
WORKDIR /var/lib/nophoto
USER 10001
ENTRYPOINT ["nophoto"]

FROM base AS training
COPY --from=training-packages /venv /venv

FROM base AS console
COPY --from=console-packages /venv /venv

FROM base AS api
COPY --from=api-packages /venv /venv

FROM base AS worker
COPY --from=worker-packages /venv /venv
