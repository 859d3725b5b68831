namespace TeeIo.Abi.Model;

/// <summary>How well founded an item is.</summary>
public enum AbiStatus
{
    /// <summary>Released: in a tagged kernel, a published specification or a shipped firmware interface.</summary>
    Upstream,

    /// <summary>Posted but not merged; the source names the tree or the Message-ID.</summary>
    Proposed,

    /// <summary>Seen only second-hand or inferred.</summary>
    Unverified,

    /// <summary>Ours, because nothing public exists. Runs on the software platform only.</summary>
    Model,
}
