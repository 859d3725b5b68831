using System.Text.Json;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>Calls drawn by chance, as numbers: <see cref="Player"/> makes calls of them.</summary>
/// <param name="Name">Its number.</param>
/// <param name="Steps">A group of <see cref="StepLength"/> bytes for each call.</param>
public sealed record Sequence(string Name, byte[] Steps)
{
    /// <summary>Bytes of a step.</summary>
    public const int StepLength = 8;

    /// <summary>The sequence as a line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, ConformanceJson.Default.Sequence);

    /// <summary>A sequence from a line.</summary>
    public static Sequence FromLine(string line) => JsonSerializer.Deserialize(line, ConformanceJson.Default.Sequence) ?? throw new ArgumentException("The line holds no sequence.", nameof(line));

    /// <summary>Plays it.</summary>
    public Transcript On(Target target) => new Script(Name, session => new Player(session).Play(Steps)).On(target);
}
