#!/bin/sh
# Takes a PCI function from its driver and gives it to another:
#   assign.sh 0000:01:00.0 vfio-pci     prints the device file that a userspace driver opens
#   assign.sh 0000:01:00.0 nvme         gives it back to the kernel
set -e
[ $# = 2 ] || { echo "usage: assign.sh ADDRESS DRIVER" >&2; exit 2; }
device=/sys/bus/pci/devices/$1
[ -d "$device" ] || { echo "assign.sh: there is no PCI function $1; 'ls /sys/bus/pci/devices' lists them" >&2; exit 1; }
echo "$2" >"$device/driver_override"
[ ! -e "$device/driver" ] || echo "$1" >"$device/driver/unbind"
echo "$1" >/sys/bus/pci/drivers_probe
[ "$(basename "$(readlink "$device/driver")")" = "$2" ] || { echo "assign.sh: $2 doesn't take $1; see 'dmesg'" >&2; exit 1; }
[ "$2" != vfio-pci ] || echo "/dev/vfio/devices/$(ls "$device/vfio-dev")"
