#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs the programs that the tests try the servers with, where they are missing, root runs this and there is apt-get. What
# it can't install it names, and the tests that need it are skipped and say so; it never fails.
set -uo pipefail

export DEBIAN_FRONTEND=noninteractive
PATH=$PATH:/usr/sbin:/usr/local/sbin
policy=/usr/sbin/policy-rc.d
stream=/usr/lib/nginx/modules/ngx_stream_module.so

say() { echo "real clients: $*"; }

# Names the programs that are not here.
missing() {
    local program
    for program in curl wrk nginx haproxy redis-server redis-cli redis-benchmark varnishtest sslscan; do
        command -v "$program" >/dev/null || echo "$program"
    done
    [[ -e $stream ]] || nginx_has_stream || echo nginx-stream
}

# Whether nginx was built with the module stream in itself.
nginx_has_stream() { nginx -V 2>&1 | grep -qE -- '--with-stream( |$)'; }

# The Debian package of a program.
package_of() {
    case $1 in
        nginx) echo nginx-light ;;
        nginx-stream) echo libnginx-mod-stream ;;
        redis-cli | redis-benchmark) echo redis-tools ;;
        varnishtest) echo varnish ;;
        *) echo "$1" ;;
    esac
}

apt() { timeout --kill-after=20 "$1" apt-get -qq -o DPkg::Lock::Timeout=30 -o Acquire::http::Timeout=20 "${@:2}"; }

install() { apt 120 install -y --no-install-recommends "$@" </dev/null >/dev/null 2>>"$log"; }

# One by one, so that one that isn't there doesn't keep the others away.
install_missing() {
    local program
    for program in $(missing); do
        install "$(package_of "$program")" || [[ $(package_of "$program") == "$program" ]] || install "$program"
    done
}

# Servers that are installed shall not start: Debian's way to say so, taken back at the end.
forbid_starting() {
    [[ -e $policy ]] && return
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && trap 'rm -f "$policy" "$log"' EXIT
}

[[ -z $(missing) ]] && exit 0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if [[ $(id -u) != 0 ]]; then
    say "not root, so nothing is installed"
elif ! command -v apt-get >/dev/null; then
    say "no apt-get here, so nothing is installed"
else
    say "installing" $(missing)
    forbid_starting
    apt 120 update </dev/null >/dev/null 2>>"$log" || say "the lists of packages could not be renewed"
    install_missing
    [[ -z $(missing) ]] || tail -n 5 "$log"
fi
for program in $(missing); do
    say "NOT HERE: $program (Debian's package $(package_of "$program")); the tests that need it are skipped"
done
exit 0
