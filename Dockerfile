# syntax=docker/dockerfile:1
# One image per program: docker build --build-arg FOLDER=services/Catalogue --build-arg PROGRAM=Tutti.Catalogue -t tutti/catalogue .

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG FOLDER
ARG PROGRAM
WORKDIR /source
COPY . .
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet publish "$FOLDER/$PROGRAM.csproj" --configuration Release --output /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0
ARG PROGRAM
ENV TUTTI_PROGRAM=$PROGRAM \
    ASPNETCORE_URLS=http://+:8080 \
    Tutti__Data=/data \
    Tutti__Files=/files
# Volumes mounted here take over the owner, who is not root.
RUN mkdir /data /files && chown "$APP_UID:$APP_UID" /data /files
WORKDIR /app
COPY --from=build /app .
USER $APP_UID
EXPOSE 8080
# The image has no curl: bash asks for readiness itself.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
# Without arguments the service runs; with `migrate` it creates and migrates its database and ends.
ENTRYPOINT ["/bin/sh", "-c", "exec dotnet \"/app/$TUTTI_PROGRAM.dll\" \"$@\"", "tutti"]
