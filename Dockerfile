# What `nophoto worker` and the command line need; training is not in it.
FROM python:3.13-slim

WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY models models
COPY worker worker
COPY jobs jobs
COPY migrations migrations
RUN pip install --no-cache-dir --constraint constraints.txt . \
    && rm -r /source \
    && useradd --create-home nophoto

WORKDIR /home/nophoto
USER nophoto
ENTRYPOINT ["nophoto"]
