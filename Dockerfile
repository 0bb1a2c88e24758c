# Builds the binary in one stage and keeps nothing but the binary and what it needs at run time in the other.
#   docker build -t proxmox-mcp .
#   docker run -i --rm proxmox-mcp --demo
FROM docker.io/library/rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY codegen codegen
COPY search search
COPY spec spec
COPY apidata apidata
COPY src src
COPY examples examples
COPY docs docs
COPY packaging/notices packaging/notices
COPY README.md LICENSE ./
RUN cargo build --release --locked --bin proxmox-mcp && packaging/notices > THIRD-PARTY-NOTICES

# glibc, the CA certificates and an unprivileged user; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="proxmox-mcp" \
      org.opencontainers.image.description="MCP server for Proxmox VE" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /src/target/release/proxmox-mcp /usr/bin/proxmox-mcp
COPY --from=build /src/LICENSE /src/THIRD-PARTY-NOTICES /usr/share/doc/proxmox-mcp/
USER 65532:65532
# Without a command it speaks MCP on standard input and output; `serve` speaks HTTP.
ENTRYPOINT ["/usr/bin/proxmox-mcp"]
