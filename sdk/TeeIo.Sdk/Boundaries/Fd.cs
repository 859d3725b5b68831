namespace TeeIo.Boundaries;

/// <summary>A file descriptor of the process that a transport speaks for.</summary>
/// <param name="Value">The number; negative for none.</param>
public readonly record struct Fd(int Value)
{
    /// <summary>No descriptor, as some ABI fields write it.</summary>
    public static Fd None => new(-1);

    /// <inheritdoc/>
    public override string ToString() => $"fd{Value}";
}
