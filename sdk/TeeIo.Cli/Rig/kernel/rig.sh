#!/usr/bin/env bash
# Brings what the rig needs onto a Debian machine: QEMU, busybox and the kernel's build tools from packages (as root), then the kernel itself.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

packages=()
command -v qemu-system-x86_64 >/dev/null 2>&1 || packages+=(qemu-system-x86)
[ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || packages+=(busybox-static)
if [ -z "${TEEIO_KERNEL:-}" ] && [ ! -s "$(bash "$here/build.sh" --where)" ]; then
    packages+=(gcc make flex bison bc xz-utils libelf-dev libssl-dev)
fi
if [ ${#packages[@]} -gt 0 ]; then
    apt-get -qq update
    apt-get -qq install -y --no-install-recommends "${packages[@]}"
fi
if [ -n "${TEEIO_KERNEL:-}" ]; then echo "$TEEIO_KERNEL"; else bash "$here/build.sh"; fi
