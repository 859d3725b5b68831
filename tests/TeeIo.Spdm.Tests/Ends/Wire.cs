namespace TeeIo.Spdm.Tests.Ends;

/// <summary>What lies between two ends. It changes nothing unless it is told to; steps are counted from 0 on.</summary>
internal sealed record Wire
{
    /// <summary>Changes the request of a step on its way; null loses it.</summary>
    public Func<int, byte[], byte[]?> Request { get; init; } = (_, packet) => packet;

    /// <summary>Changes the response of a step on its way; null loses it.</summary>
    public Func<int, byte[], byte[]?> Response { get; init; } = (_, packet) => packet;

    /// <summary>What reaches the responder before the request of a step, given that request; nobody gets the answer.</summary>
    public Func<int, byte[], byte[]?> Before { get; init; } = (_, _) => null;
}
