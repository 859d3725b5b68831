#!/bin/sh
# Records what trusted device assignment does in this host's kernel, for `teeio flow check --trace FILE`.
#
#   sh record.sh -o FILE -- COMMAND...    records while COMMAND runs; ends with its exit code
#   sh record.sh start                    sets the probes and records until
#   sh record.sh stop FILE                writes what was recorded to FILE and takes the probes away
#   sh record.sh stop                     takes them away and writes nothing
#
# As root, with busybox or any other POSIX shell. It needs a kernel with kprobe events (CONFIG_KPROBE_EVENTS). It uses a trace instance of its own: a trace that somebody else
# takes goes on. TEEIO_BUFFER_KB is the size of the buffer of each CPU (8192); where it was too small, the trace says so and its beginning is missing.
#
# The probes record raw request numbers, the first 48 bytes of the argument, and results; whose numbers they are is the checker's to know.
set -u

instance_name=teeio
group=teeio
buffer=${TEEIO_BUFFER_KB:-8192}
notes_between=/run/teeio-record.notes

say() { echo "record.sh: $*" >&2; }

die() { say "$*"; exit 2; }

usage() { sed -n '4,7s/^# *//p' "$0" >&2; exit 2; }

# Where tracefs is; mounted if it isn't yet.
find_tracefs() {
    tracefs=/sys/kernel/tracing
    [ -e "$tracefs/kprobe_events" ] || tracefs=/sys/kernel/debug/tracing
    [ -e "$tracefs/kprobe_events" ] || tracefs=/sys/kernel/tracing
    [ -e "$tracefs/kprobe_events" ] || { [ -d "$tracefs" ] && mount -t tracefs none "$tracefs" 2>/dev/null; }
    [ -e "$tracefs/kprobe_events" ] || die "there is no $tracefs/kprobe_events: run as root, on a kernel with CONFIG_KPROBE_EVENTS"
    instance=$tracefs/instances/$instance_name
}

find_free_tracefs() {
    find_tracefs
    [ ! -d "$instance" ] || die "a recording is under way; end it with: sh $0 stop FILE"
}

# Takes the probes and the instance away, whatever of them is there.
clean() {
    [ -d "$instance" ] && {
        echo 0 > "$instance/tracing_on"
        [ -d "$instance/events/$group" ] && echo 0 > "$instance/events/$group/enable"
        rmdir "$instance" || say "$instance is left: somebody reads it"
    }
    grep -o ":$group/[a-z_]*" "$tracefs/kprobe_events" | sort -u | while read -r event; do
        echo "-$event" >> "$tracefs/kprobe_events" || say "the probe $event is left"
    done
}

# The words of the record that an argument points to. $1: the argument, $2: u for a user's memory, empty for the kernel's.
words() {
    i=0
    while [ $i -lt 6 ]; do
        printf ' w%d=+%s%d(%s):x64' $i "$2" $((i * 8)) "$1"
        i=$((i + 1))
    done
}

# Sets one probe. $1: its event, $2: p, or r for a function's return, $3: the function, then its fields.
set_probe() {
    event=$1 kind=$2 function=$3
    shift 3
    printf '%s\n' "$kind:$group/teeio_$event $function $*" 2>/dev/null >> "$tracefs/kprobe_events"
}

# Probes a function from its entry to its return, in the best way that this kernel takes. $1: the event, $2: the function, $3: the fields at its entry, $4: those at its return, where a kernel
# from 6.9 on also has the arguments, $5: the same without them.
probe() {
    set_probe "$1" p "$2" "$3" || return 1
    set_probe "${1}_ret" r256 "$2" "$4" || set_probe "${1}_ret" r256 "$2" "$5" || {
        echo "-:$group/teeio_$1 $2" >> "$tracefs/kprobe_events"
        return 1
    }
}

probed() { echo "# teeio: probed teeio_$1 ($2)" >> "$notes"; }

not_probed() {
    echo "# teeio: not probed teeio_$1: $2" >> "$notes"
    say "not probed: $1: $2"
}

# Ioctls on one kind of file: number, argument and the record behind it, at the beginning and at the end. $1: the event, $2: the function.
probe_ioctl() {
    if probe "$1" "$2" "cmd=\$arg2:x32 arg=\$arg3:x64 file=\$arg1:x64$(words '$arg3' u)" "ret=\$retval:s64$(words '$arg3' u)" 'ret=$retval:s64'
    then probed "$1" "$2"
    else not_probed "$1" "no function $2 can be probed: is the module loaded?"
    fi
}

# What a file's operation is called with. $1: the event, $2: the function, $3: the fields.
probe_entry() {
    if set_probe "$1" p "$2" "$3"; then probed "$1" "$2"; else not_probed "$1" "no function $2 can be probed"; fi
}

# The TSM core's entries. A function is named where the kernel knows its own types (CONFIG_DEBUG_INFO_BTF), else it is an address. $1: the event, $2: the function, $3: more fields, $4: the result.
probe_core() {
    name='device=pdev->dev.kobj.name:string'
    if probe "$1" "$2" "dev=\$arg1:x64 $name $3" "$4" "$4" || probe "$1" "$2" "dev=\$arg1:x64 $3" "$4" "$4"
    then probed "$1" "$2"
    else not_probed "$1" "no function $2 can be probed: CONFIG_PCI_TSM is off, or the compiler has put it into its caller"
    fi
}

# Connecting goes through sysfs, where success is the number of bytes that were written: a file of the device, whose function is named by its place in struct device.
probe_sysfs() {
    name='device=+0(+0($arg1)):string'
    if probe "$1" "$2" "$name" 'ret=$retval:s64 written=\1:u8' 'ret=$retval:s64'
    then probed "$1" "$2"
    else probe_core "$1" "$3" '' 'ret=$retval:s32'
    fi
}

# The module's calls, by leaf, with all registers that carry operands.
probe_seamcall() {
    registers= offset=0
    for register in rcx rdx r8 r9 r10 r11 r12 r13 r14 r15 rbx rdi rsi; do
        registers="$registers $register=+$offset(\$arg2):x64"
        offset=$((offset + 8))
    done
    some= missing=
    for function in __seamcall __seamcall_ret __seamcall_saved_ret; do
        if probe seamcall "$function" "leaf=\$arg1:x64$registers" "ret=\$retval:x64$registers" 'ret=$retval:x64'; then some="$some $function"; else missing="$missing $function"; fi
    done
    if [ -n "$some" ]; then probed seamcall "${some# }"; [ -z "$missing" ] || say "of seamcall, not probed:$missing"
    else not_probed seamcall "this kernel has no function __seamcall (no TDX host)"
    fi
}

# The firmware's commands, by number, with the first bytes of their buffers.
probe_sev() {
    for function in __sev_do_cmd_locked sev_do_cmd; do
        probe sev "$function" "cmd=\$arg1:x32$(words '$arg2' '')" "ret=\$retval:s32 error=+0(\$arg3):u32$(words '$arg2' '')" 'ret=$retval:s32' && { probed sev "$function"; return; }
    done
    not_probed sev "this kernel has no function sev_do_cmd (no SEV host, or the module ccp isn't loaded)"
}

# $1: a file for what was probed and what wasn't.
start() {
    notes=$1
    : > "$notes" || die "$notes can't be written"
    # A recording that was killed has left its probes, and one more of a name would make each event come twice.
    clean
    mkdir "$instance" || die "$instance can't be made: run as root, on a kernel with trace instances"
    echo "$buffer" > "$instance/buffer_size_kb" || say "the buffer stays as small as it was: $buffer KiB for each CPU aren't to be had"
    # One clock for all CPUs: order is what counts.
    echo mono > "$instance/trace_clock" || say "the trace keeps its clock"
    echo "# teeio: kernel $(uname -r), $(uname -m)" >> "$notes"
    probe_ioctl iommufd iommufd_fops_ioctl
    probe_ioctl vfio vfio_device_fops_unl_ioctl
    probe_ioctl kvm kvm_dev_ioctl
    probe_ioctl kvm_vm kvm_vm_ioctl
    probe_ioctl kvm_vcpu kvm_vcpu_ioctl
    probe_ioctl kvm_device kvm_device_ioctl
    probe_entry device_bind iommufd_device_bind 'device=+0(+0($arg2)):string context=$arg1:x64'
    probe_entry vfio_mmap vfio_device_fops_mmap 'file=$arg1:x64'
    probe_entry vfio_close vfio_device_fops_release 'file=$arg2:x64'
    probe_entry iommufd_close iommufd_fops_release 'file=$arg2:x64'
    probe_entry kvm_vm_close kvm_vm_release 'file=$arg2:x64'
    probe_sysfs tsm_connect connect_store pci_tsm_connect
    probe_sysfs tsm_disconnect disconnect_store pci_tsm_disconnect
    probe_core tsm_bind pci_tsm_bind 'vm=$arg2:x64 tdi_id=$arg3:x32' 'ret=$retval:s32'
    probe_core tsm_unbind pci_tsm_unbind '' 'done=\1:u8'
    probe_core tsm_guest_req pci_tsm_guest_req 'selector=$arg2:x32 request=$arg5:x64' 'ret=$retval:s64'
    probe_core tsm_doe pci_tsm_doe_transfer 'type=$arg2:x8 request=$arg4:x64' 'ret=$retval:s32'
    probe_seamcall
    probe_sev
    [ -d "$instance/events/$group" ] || { clean; die "no probe at all could be set; $tracefs/error_log says why"; }
    echo 1 > "$instance/events/$group/enable" || { clean; die "the probes can't be switched on"; }
    echo 1 > "$instance/tracing_on"
}

# Writes the recording: what was probed, then the kernel's own text.
finish() {
    echo 0 > "$instance/tracing_on"
    { cat "$notes" "$instance/trace"; } > "$1" || say "$1 can't be written whole"
}

# Signals end the command, which a terminal's own would reach anyway; then the recording is written as usual.
run() {
    out=$1
    shift
    : > "$out" || die "$out can't be written"
    started=
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    trap 'code=$?; trap - EXIT; [ -z "$started" ] || finish "$out"; clean; rm -f "$out.notes"; exit $code' EXIT
    start "$out.notes"
    started=yes
    "$@"
}

case ${1:-} in
start)
    [ $# -eq 1 ] || usage
    find_free_tracefs
    start "$notes_between"
    say "recording; end it with: sh $0 stop FILE"
    ;;
stop)
    [ $# -le 2 ] || usage
    find_tracefs
    notes=$notes_between
    [ -d "$instance" ] || die "nothing is being recorded; begin with: sh $0 start"
    [ $# -eq 1 ] || finish "$2"
    clean
    rm -f "$notes"
    ;;
-o)
    [ $# -ge 4 ] && [ "$3" = -- ] || usage
    out=$2
    shift 3
    find_free_tracefs
    run "$out" "$@"
    ;;
*) usage ;;
esac
