#!/usr/bin/env bash
# Builds the rig's kernel from Debian's linux-source-7.3 with config.fragment, once per machine and fragment (about 8 minutes on two cores, 3 GB while it lasts).
# usage: build.sh [--where]    prints the image's path; --where only says where it would stand
# Needs apt with a Debian mirror, network, gcc, make, flex, bison, bc, xz, libelf and libssl headers (rig.sh installs them).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

release=7.3
cache=${XDG_CACHE_HOME:-$HOME/.cache}/teeio/kernel
image=$cache/bzImage-$release-$(sha256sum "$here/config.fragment" | cut -c 1-12)
if [ "${1:-}" = --where ] || [ -s "$image" ]; then
    echo "$image"
    exit 0
fi

source "$here/debian.sh"
work=$cache/.build
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
debian_view "$work/apt" trixie-backports
echo "build.sh: fetching linux-source-$release" >&2
view_unpack "linux-source-$release" "$work/tree"
tar -C "$work" -xf "$work"/tree/usr/src/linux-source-$release.tar.* --strip-components=1 --one-top-level=linux
rm -rf "$work/tree" "$work/apt"

echo "build.sh: building; the log is $cache/build.log" >&2
export KBUILD_BUILD_TIMESTAMP=1970-01-01 KBUILD_BUILD_USER=teeio KBUILD_BUILD_HOST=rig
{
    make -C "$work/linux" O="$work/out" tinyconfig
    (cd "$work/linux" && scripts/kconfig/merge_config.sh -m -O "$work/out" "$work/out/.config" "$here/config.fragment")
    make -C "$work/linux" O="$work/out" olddefconfig
} >"$cache/build.log" 2>&1 || { tail -n 20 "$cache/build.log" >&2; exit 1; }

# An option whose dependencies are missing is dropped in silence: better no kernel than one that lacks what its tests need.
if missing=$(grep -E '^CONFIG_[A-Z0-9_]+=y' "$here/config.fragment" | grep -vxFf "$work/out/.config"); then
    printf 'build.sh: the kernel would lack what config.fragment asks for:\n%s\n' "$missing" >&2
    exit 1
fi
make -C "$work/linux" O="$work/out" -j"$(nproc)" bzImage >>"$cache/build.log" 2>&1 || { tail -n 20 "$cache/build.log" >&2; exit 1; }
cp "$work/out/arch/x86/boot/bzImage" "$image.part"
mv "$image.part" "$image"
echo "$image"
