# docker build --build-arg VERSION=$(git describe --tags --always) -t roster .
# docker run -p 8080:8080 -v roster:/data roster

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath \
        -ldflags "-s -w -X github.com/rosterhq/roster/internal/app.version=$VERSION" \
        -o /out/roster ./cmd/roster \
 && mkdir /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/roster /roster
# A volume takes the owner of the folder that it covers; SQLite sorts what is large in /tmp.
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
ENV ROSTER_LISTEN=:8080 ROSTER_DATA=/data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/roster"]
CMD ["serve"]
