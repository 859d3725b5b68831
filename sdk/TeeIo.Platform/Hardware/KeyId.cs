namespace TeeIo.Platform.Hardware;

/// <summary>A memory encryption key of the machine. Key 0 is the host's own: no encryption.</summary>
/// <param name="Value">The number.</param>
public readonly record struct KeyId(ushort Value)
{
    /// <summary>The host's own.</summary>
    public static KeyId Shared => default;

    /// <inheritdoc/>
    public override string ToString() => $"key{Value}";
}
