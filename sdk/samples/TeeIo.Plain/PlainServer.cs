using TeeIo.Boundaries;
using TeeIo.Plain.Calls;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Plain;

/// <summary>What the VMM does for each call of its guest.</summary>
internal sealed class PlainServer(ConfidentialVm vm, IVmmServices services, IGuestSharedMemory memory) : IPlainServer
{
    public ulong Lock(uint deviceId) => Status(services.Bind(vm, deviceId));

    public ulong Evidence(uint deviceId, EvidenceKind kind, ulong gpa, uint size, out uint length)
    {
        length = 0;
        byte[] room = new byte[Math.Min(size, ushort.MaxValue)];
        bool isReport = kind == EvidenceKind.InterfaceReport;
        PlainRequest request = isReport ? PlainRequest.InterfaceReport : PlainRequest.DeviceInfo;
        SysResult read = services.Evidence(vm, deviceId, isReport ? EvidenceObject.Report : EvidenceObject.Cert0, [], [(byte)request], room);
        if (!read.IsOk || read.Value > room.Length || !memory.TryWrite(gpa, room.AsSpan(0, (int)read.Value))) return (ulong)PlainStatus.Refused;
        length = (uint)read.Value;
        return (ulong)PlainStatus.Ok;
    }

    public ulong AcceptPage(ulong gpa) => (ulong)PlainStatus.Unknown;

    public ulong Start(uint deviceId) => Status(services.Request(vm, deviceId, RequestKind.SetTdiState, [(byte)PlainRequest.Start], []));

    public ulong Unlock(uint deviceId) => Status(services.Unbind(vm, deviceId));

    public ulong UnknownCall(ref RegisterFile registers) => (ulong)PlainStatus.Unknown;

    private static ulong Status(SysResult result) => (ulong)(result.IsOk ? PlainStatus.Ok : PlainStatus.Refused);
}
