#!/usr/bin/env bash
# Brings the uAPI headers of three Linux releases from Debian's packages into a cache, so that the specs can be held against them.
# usage: headers.sh [DIR]    prints the folder with 6.1, 6.12 and 7.3 below it
# Needs apt and network, no privileges. Mirror and keys are the system's own; only suites are named here.
set -euo pipefail

cache=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/teeio/headers}
apt=$cache/.apt # debian.sh keeps its view there
if [ -e "$cache/6.1/linux/kvm.h" ] && [ -e "$cache/6.12/linux/iommufd.h" ] && [ -e "$cache/7.3/linux/iommufd.h" ]; then
    echo "$cache"
    exit 0
fi

source "$(cd "$(dirname "$0")" && pwd)/../../sdk/TeeIo.Cli/Rig/kernel/debian.sh"
debian_view "$apt" bookworm bookworm-security trixie-backports

unpack() { # release, package=version, the folder of the uAPI inside
    local into=$cache/$1.part
    rm -rf "$into"
    view_unpack "$2" "$apt/tree"
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

unpack 6.1 "linux-libc-dev=$(view_version linux-libc-dev 6.1.)" usr/include
package=$(apt-cache "${view[@]}" pkgnames linux-headers-6.12 | grep -E -- '-common$' | grep -v rt | sort -V | tail -n 1)
unpack 6.12 "$package" "usr/src/$package/include/uapi"
unpack 7.3 "linux-libc-dev=$(view_version linux-libc-dev 7.3)" usr/include
rm -rf "$apt"
echo "$cache"
