using TeeIo.Boundaries;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Kvm;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Tdx.Vmm;

/// <summary>Decodes the TDVMCALLs that KVM hands to the VMM. Everything that the guest wrote is copied once, checked, and then used.</summary>
/// <param name="vmm">The VMM.</param>
[TsmDriver]
public sealed partial class TdxGuestCallDecoder(VmmContext vmm) : GuestCallDecoderDriver
{
    private const long Handled = 1;
    private readonly HashSet<ushort> _underWay = [];

    /// <inheritdoc/>
    protected override SysResult HandleExit(HandleExitContext context)
    {
        Span<byte> exit = context.Exit;
        if (context.ExitReason != KvmTdxConstants.KvmExitTdx || !KvmExitTdx.TryRead(exit, out KvmExitTdx call)) return SysResult.Of(0);
        switch ((KvmTdxExit)call.Nr)
        {
            case KvmTdxExit.GetTdVmCallInfo when KvmExitTdxGetTdvmcallInfo.TryRead(exit, out KvmExitTdxGetTdvmcallInfo info):
                Describe(ref info);
                info.Write(exit);
                break;
            case KvmTdxExit.Tdcm when KvmExitTdxTdcm.TryRead(exit, out KvmExitTdxTdcm tdcm):
                tdcm.Ret = (ulong)Begin(context.Vm, tdcm, context.Services);
                tdcm.Write(exit);
                break;
            default:
                call.Ret = (ulong)TdvmcallStatus.SubfuncUnsupported;
                call.Write(exit);
                break;
        }

        return SysResult.Of(Handled);
    }

    /// <summary>No optional sub-function that has a known bit is served.</summary>
    private static void Describe(ref KvmExitTdxGetTdvmcallInfo info)
    {
        info.Ret = (ulong)(info.Leaf <= 1 ? TdvmcallStatus.Success : TdvmcallStatus.InvalidOperand);
        (info.R11, info.R12, info.R13, info.R14) = (0, 0, 0, 0);
    }

    private TdvmcallStatus Begin(ConfidentialVm vm, in KvmExitTdxTdcm call, IVmmServices services)
    {
        if (call.Gpa % TdcmConstants.BufferAlignment != 0 || call.Size % TdcmConstants.BufferAlignment != 0) return TdvmcallStatus.AlignError;
        if (call.Size == 0 || call.Gpa > ulong.MaxValue - call.Size || call.DeviceId > ushort.MaxValue) return TdvmcallStatus.InvalidOperand;

        // Nothing here could interrupt the guest; a guest that counts on it would wait for ever.
        if (call.Vector != 0) return TdvmcallStatus.InvalidOperand;
        Span<byte> header = stackalloc byte[TdvmcallTdcm.ByteSize];
        if (!vmm.Memory.TryRead(call.Gpa, header) || !TdvmcallTdcm.TryRead(header, out TdvmcallTdcm asked)) return TdvmcallStatus.InvalidOperand;
        if (!IsValid(asked)) return TdvmcallStatus.InvalidOperand;

        // One at a time for each device; another vCPU's has to wait.
        ushort device = (ushort)call.DeviceId;
        if (_underWay.Contains(device)) return TdvmcallStatus.Retry;
        var buffer = new TdcmBuffer(vmm.Memory, call.Gpa, call.Size, asked);
        if (!buffer.IsMemory()) return TdvmcallStatus.InvalidOperand;
        if (!buffer.TryWrite(TdcmStatus.Wait, default, 0)) return TdvmcallStatus.InvalidOperand;
        _underWay.Add(device);
        vmm.Worker.Post(() => Run(vm, device, asked.Operation, buffer, services));
        return TdvmcallStatus.Success;
    }

    private void Run(ConfidentialVm vm, ushort device, TdcmOperation operation, TdcmBuffer buffer, IVmmServices services)
    {
        byte[] response = new byte[buffer.Capacity];
        MailboxResult result = TdcmDispatcher.Dispatch(new TdcmServer(vm, services), vmm.Hub, (uint)operation, device, default, response, out int length);
        _underWay.Remove(device);

        // Where the guest has taken its buffer away meanwhile, it hears nothing, and nobody else is the worse for it.
        buffer.TryComplete(result, response.AsSpan(..length));
    }

    private static bool IsValid(in TdvmcallTdcm asked) =>
        TdcmDispatcher.Knows((uint)asked.Operation) && asked.Version == TdcmConstants.Version && asked.DataLength == 0
        && asked is { Reserved0: 0, Reserved1: 0, Reserved2: 0, Reserved3: 0 };
}
