using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>A module that does what the happy path needs, notes each call, and fails where a test says so.</summary>
internal sealed class ScriptedModule : ModelRegisterTransport
{
    private readonly Dictionary<string, ulong> _pages = [];
    private readonly Dictionary<string, Func<ulong>> _statuses = [];

    public List<string> Calls { get; } = [];

    /// <summary>The host's memory.</summary>
    public HostPages Pages { get; init; } = new();

    /// <summary>The device information that a connect collects: two lengths, then 60 bytes of certificates and 32 of measurements.</summary>
    public byte[] DeviceInfo { get; set; } = [60, 0, 0, 0, 32, 0, 0, 0, .. Enumerable.Repeat((byte)0xCE, 60), .. Enumerable.Repeat((byte)0x3E, 32)];

    /// <summary>Makes all calls of a leaf end with <paramref name="status"/>.</summary>
    public void Fail(string leaf, TdxStatus status = TdxStatus.OperandInvalid) => _statuses[leaf] = () => (ulong)status;

    /// <summary>Makes calls of a leaf end with these statuses, one after the other, and then succeed.</summary>
    public void Script(string leaf, params TdxStatus[] statuses)
    {
        var queue = new Queue<TdxStatus>(statuses);
        _statuses[leaf] = () => queue.TryDequeue(out TdxStatus status) ? (ulong)status : 0;
    }

    public override void Call(CallInfo call, ref RegisterFile registers)
    {
        string leaf = call.Name["TDH.".Length..];
        if (leaf != "SYS.RD") Calls.Add(leaf);
        ulong status = _statuses.TryGetValue(leaf, out Func<ulong>? next) ? next() : 0;
        (ulong rcx, ulong rdx, ulong r8) = (registers[Register.Rcx], registers[Register.Rdx], registers[Register.R8]);
        registers[Register.Rax] = status;
        if (status == (ulong)TdxStatus.SpdmRequest) registers[Register.Rcx] = 16;
        if (status != 0) return;
        switch (leaf)
        {
            case "SYS.RD": registers[Register.R8] = rdx == SeamcallConstants.Features0 ? (ulong)TdxFeatures0.Tdxconnect : 1; break;
            case "SPDM.CREATE": (_pages[leaf], registers[Register.Rcx]) = (rdx, 7); break;
            case "IDE.STREAM.CREATE": (_pages[leaf], registers[Register.Rcx]) = (r8, 3); break;
            case "SPDM.DELETE": registers[Register.Rcx] = _pages["SPDM.CREATE"]; break;
            case "IDE.STREAM.DELETE": registers[Register.Rcx] = _pages["IDE.STREAM.CREATE"]; break;
            case "TDIMT.ADD" or "MMIOMT.ADD": _pages[leaf] = rdx; break;
            case "TDI.CREATE": _pages[leaf] = r8; break;
            case "TDIMT.REMOVE": registers[Register.Rcx] = _pages["TDIMT.ADD"]; break;
            case "MMIOMT.REMOVE": registers[Register.Rcx] = _pages["MMIOMT.ADD"]; _pages.Remove("MMIOMT.ADD"); break;
            case "TDI.REMOVE": registers[Register.Rcx] = _pages["TDI.CREATE"]; break;
            case "MMIOMT.SET" when !_pages.ContainsKey("MMIOMT.ADD"): registers[Register.Rax] = (ulong)TdxStatus.MmiomtNotPresent; break;
            case "SPDM.CONNECT":
                Pages.Write(registers[Register.R10], DeviceInfo);
                registers[Register.Rcx] = (ulong)DeviceInfo.Length;
                break;
            case "DMAR.ADD" when (rcx & 7) != 0: _pages["DMAR" + (rcx & 7)] = r8; break;
            case "DMAR.REMOVE": registers[Register.Rcx] = (rcx & 7) == 0 ? 0 : _pages["DMAR" + (rcx & 7)]; break;
            case "MMIO.MAP": _pages["MMIO" + rcx] = r8; break;
            case "MMIO.UNMAP": registers[Register.R8] = _pages["MMIO" + rcx]; break;
            default: break;
        }
    }
}
