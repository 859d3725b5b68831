using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Plain;

/// <summary>Plug point 4, KVM's: private page tables.</summary>
[TsmDriver]
internal sealed partial class PlainMemory(PlainPages pages) : ConfidentialMemoryDriver
{
    protected override SysResult CreateVm(CreateVmContext context) => pages.Open(context.Vm) ? SysResult.Ok : Errno.EIO;

    protected override SysResult DestroyVm(DestroyVmContext context)
    {
        pages.Close(context.Vm);
        return SysResult.Ok;
    }

    protected override SysResult MapPrivate(MapPrivateContext context) => pages.Map(context.Vm, context.Gpa, context.Hpa) ? SysResult.Ok : Errno.EIO;

    protected override SysResult UnmapPrivate(UnmapPrivateContext context) => pages.Unmap(context.Vm, context.Gpa) ? SysResult.Ok : Errno.EIO;
    //#if (filled)

    protected override SysResult MapMmio(MapMmioContext context)
    {
        ConfidentialVm vm = context.Vm;
        for (uint i = 0; i < context.Pages; i++)
        {
            ulong gpa = context.Gpa + (i * PhysicalMemory.PageSize);
            if (!pages.Map(vm, gpa, context.Hpa + (i * PhysicalMemory.PageSize))) return Errno.EIO;
            context.OnFailure(() => pages.Unmap(vm, gpa));
        }

        return SysResult.Ok;
    }

    protected override SysResult UnmapMmio(UnmapMmioContext context)
    {
        bool all = true;
        for (uint i = 0; i < context.Pages; i++) all &= pages.Unmap(context.Vm, context.Gpa + (i * PhysicalMemory.PageSize));
        return all ? SysResult.Ok : Errno.EIO;
    }
    //#endif
}
