namespace TeeIo.Tdx.Module.Devices;

/// <summary>A call that is a relay loop, by everything that must be the same each time it is issued.</summary>
/// <param name="Leaf">The leaf.</param>
/// <param name="Subject">The session, stream or TDI.</param>
/// <param name="ResponsePage">Page that holds the device's answer.</param>
/// <param name="RequestPage">Page that takes the message to the device.</param>
/// <param name="Operand">What else the leaf takes.</param>
/// <param name="SecondOperand">And what else.</param>
internal readonly record struct RelayCall(string Leaf, ulong Subject, ulong ResponsePage, ulong RequestPage, ulong Operand = 0, ulong SecondOperand = 0)
{
    /// <summary>Whether <paramref name="other"/> is the same leaf on the same object.</summary>
    public bool Continues(RelayCall other) => Leaf == other.Leaf && Subject == other.Subject;
}
