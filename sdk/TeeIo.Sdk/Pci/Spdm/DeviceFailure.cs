namespace TeeIo.Pci.Spdm;

/// <summary>Why a conversation with a device failed, whichever protocol of the session it was.</summary>
public enum DeviceFailure
{
    /// <summary>It didn't.</summary>
    None,

    /// <summary>The device isn't who it says, or a record isn't the session's next one.</summary>
    NotAuthentic,

    /// <summary>An SPDM message is malformed, refused or missing.</summary>
    BadSpdm,

    /// <summary>An IDE_KM answer isn't the one that was asked for.</summary>
    BadIdeKm,

    /// <summary>A TDISP answer isn't the one that was asked for.</summary>
    BadTdisp,

    /// <summary>The TDI refuses, because it is in another state.</summary>
    TdiState,

    /// <summary>The interface report isn't one.</summary>
    BadReport,
}
