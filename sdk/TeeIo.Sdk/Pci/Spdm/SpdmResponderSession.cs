using System.Buffers;

namespace TeeIo.Pci.Spdm;

/// <summary>A session as its responder keeps it.</summary>
internal sealed class SpdmResponderSession(SpdmSession keys, SpdmHandshake handshake)
{
    public SpdmSession Keys { get; } = keys;

    /// <summary>What was said in the handshake.</summary>
    public SpdmHandshake Handshake { get; } = handshake;

    /// <summary>Measurements that were asked for since the last signed ones.</summary>
    public ArrayBufferWriter<byte> Measured { get; } = new();

    /// <summary>What is under way in it.</summary>
    public SpdmTransfers Transfers { get; } = new();

    /// <summary>How the requester says who it is; null where it needn't.</summary>
    public SpdmMutualFlow? Mutual { get; init; }

    /// <summary>Requests that wait for the requester to come for them.</summary>
    public ISpdmFlow? Flow { get; set; }

    /// <summary>Id of the request that was written last.</summary>
    public byte FlowId { get; private set; }

    /// <summary>Whether the requester wants to hear of events.</summary>
    public bool IsSubscribed { get; set; }

    /// <summary>When its last record came.</summary>
    public long LastSeen { get; set; }

    /// <summary>Whether its requester couldn't prove that it has the keys: the refusal is the last that it hears.</summary>
    public bool IsBroken { get; set; }

    public byte NextFlowId() => ++FlowId == 0 ? ++FlowId : FlowId;

    public SpdmPlaces Place => Keys.IsEstablished ? SpdmPlaces.Session : SpdmPlaces.Handshake;
}
