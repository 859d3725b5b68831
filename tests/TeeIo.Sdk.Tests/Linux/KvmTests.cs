using System.Runtime.Versioning;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;

namespace TeeIo.Sdk.Tests.Linux;

/// <summary>The generated KVM clients on the kernel that runs the tests, where it has KVM.</summary>
[SupportedOSPlatform("linux")]
public sealed class KvmTests : IDisposable
{
    private const string Device = "/dev/kvm";
    private readonly LinuxTransport _linux = new();
    private readonly Fd _kvm = Fd.None;

    public KvmTests()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("this is not Linux");
        SysResult opened = _linux.Open(Device);
        if (!opened.IsOk) Assert.Skip($"{Device} can't be opened here: {opened.Errno}");
        _kvm = new Fd((int)opened.Value);
    }

    public void Dispose() => _linux.Close(_kvm);

    [Fact]
    public void The_kernel_speaks_the_version_that_the_spec_has() => Assert.Equal((long)KvmApiVersion.Stable, new KvmClient(_linux, _kvm).GetApiVersion());

    [Fact]
    public void A_VM_takes_memory_and_gives_it_back()
    {
        Fd fd = new KvmClient(_linux, _kvm).CreateVm(default);
        KvmVmClient vm = new(_linux, fd);
        using UserMemory memory = _linux.Allocate(4 * (ulong)Environment.SystemPageSize);
        vm.SetUserMemoryRegion(0, default, 0, memory.Length, memory, 0);
        SysResult again = vm.TrySetUserMemoryRegion(1, default, 0, memory.Length, memory, 0);
        Assert.Equal(Errno.EEXIST, again.Errno);
        vm.SetUserMemoryRegion(0, default, 0, 0, memory, 0);
        Assert.True(_linux.Close(fd).IsOk);
    }

    [Fact]
    public void A_tail_of_records_is_filled_as_far_as_there_is_room()
    {
        KvmClient kvm = new(_linux, _kvm);
        Assert.Equal(Errno.E2BIG, kvm.TryGetSupportedCpuid(out _, new KvmCpuidEntry2[1]).Errno);
        KvmCpuidEntry2[] entries = new KvmCpuidEntry2[256];
        int count = (int)kvm.GetSupportedCpuid(entries);
        Assert.InRange(count, 2, entries.Length - 1);
        Assert.Contains(entries[..count], e => e.Function == 1 && e.Eax != 0);
        Assert.All(entries[count..], e => Assert.Equal(0u, e.Eax));
    }
}
