using TeeIo.Hostile;
using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Hostile;

/// <summary>Carries conversations to a device of which one answer is changed: the one with a number that the mutation chooses.</summary>
/// <param name="mutation">The mutation.</param>
/// <param name="answers">How many answers the whole takes: the one that is changed is among them.</param>
/// <param name="device">The true answer.</param>
internal sealed class LyingDevice(Mutation mutation, int answers, Func<byte[], byte[]> device)
{
    private readonly int _changedAt = mutation.Below(answers);
    private readonly List<byte[]> _before = [];

    /// <summary>The true answer in the place of the changed one; null before.</summary>
    public byte[]? True { get; private set; }

    /// <summary>The changed answer; empty before.</summary>
    public byte[] Changed { get; private set; } = [];

    /// <summary>Whether the conversation went on after the changed answer, or ended well with it.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>Whether the changed answer is another than the true one.</summary>
    public bool IsChanged => True is not null && !Changed.AsSpan().SequenceEqual(True);

    /// <summary>Carries a conversation to its end.</summary>
    public bool Run(Func<DeviceExchange, IEnumerable<byte[]>> conversation)
    {
        const int Limit = 1 << 12;
        var exchange = new DeviceExchange();
        bool isOpen = false;
        foreach (byte[] request in conversation(exchange))
        {
            if (isOpen) IsAccepted = true;
            byte[] answer = device(request);
            isOpen = _before.Count == _changedAt;
            if (isOpen)
            {
                True = answer;
                Changed = mutation.Change(answer, _before);
            }

            _before.Add(answer);
            exchange.Response = isOpen ? Changed : answer;
            if (_before.Count > Limit) throw new InvalidOperationException("The conversation doesn't come to an end.");
        }

        if (isOpen && !exchange.HasFailed) IsAccepted = true;
        return !exchange.HasFailed;
    }
}
