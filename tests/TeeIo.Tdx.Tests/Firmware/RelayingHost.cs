using TeeIo.Pci.Doe;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>A host that makes its calls until they are done: again where the module asks for it, and with messages carried to the device in between.</summary>
internal abstract class RelayingHost : FirmwareMachine
{
    private const int MaxTries = 200;

    protected RelayingHost(TdxModuleOptions options)
        : base(options) => (Request, Response) = (Page(), Page());

    /// <summary>The page that takes the module's message.</summary>
    public ulong Request { get; }

    /// <summary>The page that takes the device's answer.</summary>
    public ulong Response { get; }

    /// <summary>Statuses that asked for another try.</summary>
    public List<TdxStatus> Turns { get; } = [];

    /// <summary>Repeats a call as long as its status asks for it.</summary>
    public ulong Again(Func<ulong> call)
    {
        for (int i = 0; i < MaxTries; i++)
        {
            ulong word = call();
            TdxStatus status = StatusOf(word);
            if (status is not (TdxStatus.InterruptedResumable or TdxStatus.OperandBusy or TdxStatus.KeyGenerationFailed or TdxStatus.PreviousTlbEpochBusy)) return word;
            Turns.Add(status);
        }

        throw new InvalidOperationException("The module never stops asking for another try.");
    }

    public void Must(Func<ulong> call) => Assert.Equal(TdxStatus.Success, StatusOf(Again(call)));

    /// <summary>Runs a relay loop: carries messages to the device and back, and renews the session's keys when asked.</summary>
    public ulong Relay(Func<ulong> call)
    {
        for (int i = 0; i < MaxTries; i++)
        {
            ulong word = Again(call);
            switch (StatusOf(word))
            {
                case TdxStatus.SpdmRequest: Turns.Add(TdxStatus.SpdmRequest); Carry(); break;
                case TdxStatus.SpdmSessionKeyRequireRefresh:
                    Turns.Add(TdxStatus.SpdmSessionKeyRequireRefresh);
                    MustRelay(UpdateKeys);
                    break;
                default: return word;
            }
        }

        throw new InvalidOperationException("The conversation never ends.");
    }

    public void MustRelay(Func<ulong> call) => Assert.Equal(TdxStatus.Success, StatusOf(Relay(call)));

    /// <summary>Frees a page that the module gave back.</summary>
    public void Return(ulong page)
    {
        Must(() => Host.TryPhymemPageWbinvd(page));
        Memory.FreePage(page);
    }

    /// <summary>Changes the keys of the session that a conversation is in.</summary>
    public abstract ulong UpdateKeys();

    /// <summary>Carries one message to the device and its answer back.</summary>
    public void Carry()
    {
        byte[] request = new byte[SeamcallConstants.PageSize];
        byte[] response = new byte[SeamcallConstants.PageSize];
        Memory.Read(Request, request, KeyId.Shared);
        Assert.True(DoeHeader.TryRead(request, out DoeHeader header));
        Assert.True(Device.Mailbox.Exchange(request.AsSpan(..((int)header.Length * DoeConstants.ObjectAlignment)), response).IsOk, "the device refused an object");
        Memory.Write(Response, response, KeyId.Shared);
    }
}
