using System.Runtime.InteropServices;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

/// <summary>A firmware that keeps the buffer of the last command that reached it.</summary>
internal sealed class TioFirmwareStub : ITioFirmwareServer
{
    public string Called { get; private set; } = "";

    public byte[] Seen { get; private set; } = [];

    public SevRet Status(in TioStatusCmd argument) => Note(nameof(Status), in argument);

    public SevRet Init(in TioInit argument) => Note(nameof(Init), in argument);

    public SevRet DevCreate(in TioDevCreate argument) => Note(nameof(DevCreate), in argument);

    public SevRet DevReclaim(in TioDevReclaim argument) => Note(nameof(DevReclaim), in argument);

    public SevRet DevConnect(in TioDevConnect argument) => Note(nameof(DevConnect), in argument);

    public SevRet DevDisconnect(in TioDevDisconnect argument) => Note(nameof(DevDisconnect), in argument);

    public SevRet DevStatus(in TioDevStatusCmd argument) => Note(nameof(DevStatus), in argument);

    public SevRet DevMeasurements(in TioDevMeasurements argument) => Note(nameof(DevMeasurements), in argument);

    public SevRet DevCertificates(in TioDevCertificates argument) => Note(nameof(DevCertificates), in argument);

    public SevRet TdiCreate(in TioTdiCreate argument) => Note(nameof(TdiCreate), in argument);

    public SevRet TdiReclaim(in TioTdiReclaim argument) => Note(nameof(TdiReclaim), in argument);

    public SevRet TdiBind(in TioTdiBind argument) => Note(nameof(TdiBind), in argument);

    public SevRet TdiUnbind(in TioTdiUnbind argument) => Note(nameof(TdiUnbind), in argument);

    public SevRet TdiReport(in TioTdiReport argument) => Note(nameof(TdiReport), in argument);

    public SevRet TdiStatus(in TioTdiStatusCmd argument) => Note(nameof(TdiStatus), in argument);

    public SevRet GuestRequest(in TioGuestRequest argument) => Note(nameof(GuestRequest), in argument);

    public SevRet AsidFenceClear(in TioAsidFenceClear argument) => Note(nameof(AsidFenceClear), in argument);

    public SevRet AsidFenceStatus(in TioAsidFenceStatus argument) => Note(nameof(AsidFenceStatus), in argument);

    public SevRet TdiInfo(in TioTdiInfoCmd argument) => Note(nameof(TdiInfo), in argument);

    public SevRet RollKey(in TioRollKey argument) => Note(nameof(RollKey), in argument);

    public SevRet ViommuInit(in TioViommuInit argument) => Note(nameof(ViommuInit), in argument);

    public SevRet ViommuGuestInit(in TioViommuGuestInit argument) => Note(nameof(ViommuGuestInit), in argument);

    public SevRet ViommuGuestShutdown(in TioViommuGuestShutdown argument) => Note(nameof(ViommuGuestShutdown), in argument);

    private SevRet Note<T>(string name, in T argument)
        where T : unmanaged
    {
        Called = name;
        Seen = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in argument)).ToArray();
        return SevRet.Success;
    }
}
