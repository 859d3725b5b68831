// A userspace driver for NVMe disks: takes the controller through VFIO, gives it memory through IOMMUFD, and reads and writes blocks. How NVMe's registers and queues look stands in nvme.abi.yaml.
using System.Runtime.Versioning;
using Nvme;
using TeeIo.Boundaries;

[assembly: SupportedOSPlatform("linux")]

Action<DiskTool>? work = args switch
{
    [_] => tool => tool.Describe(),
    [_, "--check"] => tool => tool.Check(),
    [_, "--read", string first, string count] when ulong.TryParse(first, out ulong block) && ulong.TryParse(count, out ulong blocks) => tool => tool.Read(block, blocks),
    [_, "--write", string first] when ulong.TryParse(first, out ulong block) => tool => tool.Write(block),
    [_, "--throughput"] => tool => tool.Measure(null),
    [_, "--throughput", string kernel] => tool => tool.Measure(kernel),
    _ => null,
};

if (work is null)
{
    Console.Error.WriteLine("""
        usage: nvme /dev/vfio/devices/vfioN                              what controller and disk it is
               nvme /dev/vfio/devices/vfioN --check                      writes the last MiB, reads it back and compares; then what was there is put back
               nvme /dev/vfio/devices/vfioN --read FIRST COUNT >FILE     blocks to a file
               nvme /dev/vfio/devices/vfioN --write FIRST <FILE          a file to blocks
               nvme /dev/vfio/devices/vfioN --throughput [/dev/nvmeXnY]  how fast it is, beside a disk of the kernel's driver
        """);
    return 2;
}

try
{
    using DiskTool tool = new(args[0]);
    work(tool);
    return 0;
}
catch (Exception e) when (e is IOException or TimeoutException or AbiException)
{
    Console.Error.WriteLine($"nvme: {args[0]}: {e.Message}");
    return 1;
}
