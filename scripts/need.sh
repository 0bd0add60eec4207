# What the commands need on this machine. Sourced by run, test and .ci/run.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

need_sdk() {
    if [[ -z ${DOTNET_ROOT:-} && -x $HOME/.dotnet/dotnet ]] && ! command -v dotnet >/dev/null; then
        export PATH="$HOME/.dotnet:$PATH"
    fi
    if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
        fail "The .NET 10 SDK is needed: see https://dotnet.microsoft.com/download/dotnet/10.0 (or: curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0)"
    fi
    export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
}

postgresql_installed() {
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null
}

rabbitmq_installed() {
    compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server' >/dev/null || command -v rabbitmq-server >/dev/null
}

numpy_installed() {
    [[ -x /usr/bin/python3 ]] && /usr/bin/python3 -c 'import numpy' 2>/dev/null
}

# Installs with apt what is missing; on other machines says what to install.
need_installed_servers() {
    local missing=()
    postgresql_installed || missing+=(postgresql)
    rabbitmq_installed || missing+=(rabbitmq-server)
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    if ! command -v apt-get >/dev/null; then
        fail "PostgreSQL and RabbitMQ are needed (missing: ${missing[*]}): install them with this system's package manager."
    fi
    install_with_apt "only the programs are used; Tutti starts servers of its own" "${missing[@]}"
}

# The generator of the large synthetic series is a numpy script; on other machines than Debian its tests are skipped and say so.
need_numpy() {
    if ! numpy_installed && command -v apt-get >/dev/null; then
        (install_with_apt "makes the large series of the reduction tests" python3-numpy) || say "Without numpy the tests of those series are skipped."
    fi
}

# install_with_apt WHAT_FOR PACKAGE...
install_with_apt() {
    local what_for=$1
    shift
    local become=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
            fail "Missing: $*. As root: apt-get update && apt-get install -y --no-install-recommends $*"
        fi
        become=(sudo)
    fi
    say "Installing with apt: $* ($what_for)"
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
