using TeeIo.Sev.Firmware.Devices;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware;

/// <summary>Hands each of TIO's commands to the part of the firmware that it concerns. There are no secure vIOMMUs.</summary>
internal sealed class TioCommands(
    PlatformState platform, DeviceTable devices, DeviceSessions sessions, TdiTable tdis, TdiDescription description, GuestRequests requests) : ITioFirmwareServer
{
    public SevRet Status(in TioStatusCmd argument) => platform.DescribeTio(argument);

    public SevRet Init(in TioInit argument) => platform.InitialiseTio();

    public SevRet DevCreate(in TioDevCreate argument) => devices.Create(argument);

    public SevRet DevReclaim(in TioDevReclaim argument) => devices.Reclaim(argument.DevCtxSla);

    public SevRet DevConnect(in TioDevConnect argument) => sessions.Connect(argument);

    public SevRet DevDisconnect(in TioDevDisconnect argument) => sessions.Disconnect(argument);

    public SevRet DevStatus(in TioDevStatusCmd argument) => devices.Status(argument);

    public SevRet DevMeasurements(in TioDevMeasurements argument) => sessions.Measure(argument);

    public SevRet DevCertificates(in TioDevCertificates argument) => sessions.GiveCertificates(argument);

    public SevRet TdiCreate(in TioTdiCreate argument) => tdis.Create(argument);

    public SevRet TdiReclaim(in TioTdiReclaim argument) => tdis.Reclaim(argument);

    public SevRet TdiBind(in TioTdiBind argument) => tdis.Bind(argument);

    public SevRet TdiUnbind(in TioTdiUnbind argument) => tdis.Unbind(argument);

    public SevRet TdiReport(in TioTdiReport argument) => tdis.Report(argument);

    public SevRet TdiStatus(in TioTdiStatusCmd argument) => tdis.Status(argument);

    public SevRet GuestRequest(in TioGuestRequest argument) => requests.Serve(argument);

    public SevRet AsidFenceClear(in TioAsidFenceClear argument) => description.ClearFence(argument);

    public SevRet AsidFenceStatus(in TioAsidFenceStatus argument) => description.FenceStatus(argument);

    public SevRet TdiInfo(in TioTdiInfoCmd argument) => description.Info(argument);

    public SevRet RollKey(in TioRollKey argument) => sessions.RollKeys(argument);

    public SevRet ViommuInit(in TioViommuInit argument) => SevRet.Unsupported;

    public SevRet ViommuGuestInit(in TioViommuGuestInit argument) => SevRet.Unsupported;

    public SevRet ViommuGuestShutdown(in TioViommuGuestShutdown argument) => SevRet.Unsupported;
}
