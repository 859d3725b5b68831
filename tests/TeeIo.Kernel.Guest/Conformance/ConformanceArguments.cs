namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>How this program is asked for the conformance suite.</summary>
public static class ConformanceArguments
{
    /// <summary>Prints a transcript for each script.</summary>
    public const string Suite = "--conformance";

    /// <summary>Plays the sequences of a file and writes their transcripts to another.</summary>
    public const string Play = "--play";
}
