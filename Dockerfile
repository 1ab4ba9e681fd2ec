# The service of a run in ONNX: docs/guides/serve.md says how to build and start it.

FROM python:3.13-slim AS build
WORKDIR /source
COPY VERSION LICENSE constraints.txt ./
COPY shared-data shared-data
COPY packages/emotion-core packages/emotion-core
RUN python -m venv /venv && \
    /venv/bin/python -m pip install --quiet --no-cache-dir --constraint constraints.txt "./packages/emotion-core[onnx,serve]"

FROM python:3.13-slim
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH
# By number, so that Kubernetes sees that it is not root; it needs no name, no home and no file that it may write.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-Ic", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=5)"]
ENTRYPOINT ["emotion-core", "serve", "--host", "0.0.0.0"]
CMD ["/model"]
