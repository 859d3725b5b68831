#!/usr/bin/env bash
# Brings the uAPI headers of three Linux releases from Debian's packages into a cache, so that the specs can be held against them.
# usage: headers.sh [DIR]    prints the folder with 6.1, 6.12 and 7.3 below it
# Needs apt and network, no privileges. Mirror and keys are the system's own; only suites are named here.
set -euo pipefail

cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/teeio/headers}
apt=$cache/.apt
if [ -e "$cache/6.1/linux/kvm.h" ] && [ -e "$cache/6.12/linux/iommufd.h" ] && [ -e "$cache/7.3/linux/iommufd.h" ]; then
    echo "$cache"
    exit 0
fi

uris() { # the mirrors that this machine uses: Debian's own archive, or its security one
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } | grep -oE '(https?|file|mirror\+file):[^ ]+' | sed 's:/$::' | grep -v snapshot | grep "$@" | sort -u | head -n 1 || true
}

archive=$(uris -E '/debian$') security=$(uris 'security')
[ -n "$archive" ] || { echo "headers.sh: no Debian mirror in /etc/apt; these headers come from Debian's packages" >&2; exit 1; }

mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial "$apt"/packages
cat >"$apt/sources.list" <<LIST
deb $archive bookworm main
deb ${security:-$archive-security} bookworm-security main
deb $archive trixie-backports main
LIST
view=(-o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$apt/state" -o Dir::Cache="$apt/cache" -o Dir::State::status=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null -o APT::Get::List-Cleanup=0 -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
apt-get "${view[@]}" -qq update >&2

# Version of a package whose version begins so, from the newest.
version() { apt-cache "${view[@]}" madison "$1" | cut -d '|' -f 2 | tr -d ' ' | grep "^$2" | head -n 1; }

unpack() { # release, package=version, the folder of the uAPI inside
    local into=$cache/$1.part
    rm -rf "$into" "$apt/tree"
    (cd "$apt/packages" && rm -f ./*.deb && apt-get "${view[@]}" -qq download "$2" >&2 && dpkg -x ./*.deb "$apt/tree")
    local from
    from=$(compgen -G "$apt/tree/$3" | head -n 1)
    [ -n "$from" ] || { echo "headers.sh: $2 has no $3" >&2; exit 1; }
    mkdir -p "$into"
    cp -r "$from"/. "$into"
    rm -rf "$into"/*-linux-gnu*
    local asm
    for asm in "$apt"/tree/usr/include/x86_64-linux-gnu/asm "$apt"/tree/usr/src/*/arch/x86/include/uapi/asm; do
        if [ -d "$asm" ]; then rm -rf "$into/asm" && cp -rL "$asm" "$into"; fi
    done
    # Headers from a source tree, as the kernel's headers_install leaves them.
    find "$into" -name '*.h' -exec sed -E -i -e '/^#include <linux\/compiler(_types)?\.h>/d' -e 's/(^|[[:space:](])__(user|force|iomem)([[:space:]]|$)/\1\3/g' \
        -e 's/(^|[^a-zA-Z0-9])__packed([^a-zA-Z0-9_]|$)/\1__attribute__((packed))\2/g' {} +
    rm -rf "$cache/$1" && mv "$into" "$cache/$1"
}

unpack 6.1 "linux-libc-dev=$(version linux-libc-dev 6.1.)" usr/include
package=$(apt-cache "${view[@]}" pkgnames linux-headers-6.12 | grep -E -- '-common$' | grep -v rt | sort -V | tail -n 1)
unpack 6.12 "$package" "usr/src/$package/include/uapi"
unpack 7.3 "linux-libc-dev=$(version linux-libc-dev 7.3)" usr/include
rm -rf "$apt"
echo "$cache"
