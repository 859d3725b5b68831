namespace TeeIo.Pci.Spdm;

/// <summary>Why a requester's operation failed.</summary>
public enum SpdmFailure
{
    /// <summary>It didn't.</summary>
    None,

    /// <summary>A response is malformed, or answers something else.</summary>
    Malformed,

    /// <summary>The responder refused; its code is in <see cref="SpdmRequester.ErrorCode"/>.</summary>
    Refused,

    /// <summary>The responder offers less than a session needs.</summary>
    Unsupported,

    /// <summary>A digest, a signature, a proof or a record is wrong.</summary>
    NotAuthentic,
}
