using TeeIo.Pci.Spdm;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>How a life ends that somebody has tampered with.</summary>
/// <param name="Failure">Why the requester gives up; none where the tampering can't be seen, and nothing differs.</param>
/// <param name="At">The request that it has sent last.</param>
/// <param name="HasSession">Whether the responder has an established session then.</param>
internal readonly record struct Verdict(DeviceFailure Failure, SpdmMessage At, bool HasSession = false)
{
    /// <summary>Nothing differs.</summary>
    public static Verdict Unseen { get; } = new(DeviceFailure.None, SpdmMessage.EndSession);

    /// <inheritdoc/>
    public override string ToString() => $"{Failure} at {At}, {(HasSession ? "a" : "no")} session left";
}
