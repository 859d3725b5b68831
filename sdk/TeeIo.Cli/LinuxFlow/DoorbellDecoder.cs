using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Cli.LinuxFlow;

/// <summary>The VMM's side of the doorbell: gives the guest its steps, and hands the registers that it shows to the vendor's part of KVM and then to the vendor's decoder, as an exit of the vendor's own.</summary>
/// <param name="guest">The guest.</param>
/// <param name="vcpu">Its vCPU.</param>
/// <param name="exits">The vendor's part of KVM.</param>
/// <param name="context">The VMM.</param>
/// <param name="decoder">The vendor's decoder.</param>
internal sealed class DoorbellDecoder(DoorbellGuest guest, DoorbellVcpu vcpu, IExitEncoder exits, VmmContext context, IGuestCallDecoder decoder) : IGuestCallDecoder
{
    private const int ExitLength = 256;

    /// <inheritdoc/>
    public SysResult HandleExit(ConfidentialVm vm, uint exitReason, Span<byte> exit, IVmmServices services)
    {
        if ((ExitReason)exitReason != ExitReason.Io || !KvmExitIo.TryRead(exit, out KvmExitIo port)) return decoder.HandleExit(vm, exitReason, exit, services);
        switch ((DoorbellPort)port.Port)
        {
            case DoorbellPort.Ready:
                guest.Exchange(context.Memory);
                return SysResult.Of(1);
            case DoorbellPort.Call:
                return SysResult.Of(Answer(vm, services) ? 1 : 0);
            default:
                return SysResult.Of(0);
        }
    }

    private bool Answer(ConfidentialVm vm, IVmmServices services)
    {
        Span<byte> bytes = stackalloc byte[DoorbellPage.ByteSize];
        if (!context.Memory.TryRead(DoorbellConstants.Page, bytes) || !DoorbellPage.TryRead(bytes, out DoorbellPage page)) return false;
        RegisterFile registers = default;
        ((ReadOnlySpan<ulong>)page.Registers).CopyTo(registers);
        Span<byte> exit = stackalloc byte[ExitLength];
        exit.Clear();
        bool isHandled = true;
        try
        {
            using ContextScope place = context.Hub.Continue(guest.Place);
            if (exits.Encode(vcpu, ref registers, exit) is { } reason)
            {
                vcpu.WriteBack();
                isHandled = decoder.HandleExit(vm, reason, exit, services).Value == 1;
                vcpu.Refresh();
                exits.Complete(vcpu, ref registers, exit);
            }

            vcpu.WriteBack();
        }
        finally
        {
            vcpu.Forget();
        }

        ((ReadOnlySpan<ulong>)registers).CopyTo(page.Registers);
        page.Write(bytes);
        return context.Memory.TryWrite(DoorbellConstants.Page, bytes) && isHandled;
    }
}
