namespace TeeIo.Cli;

/// <summary>Exit codes of <c>teeio</c>.</summary>
internal static class ExitCode
{
    /// <summary>Done, and what was checked holds.</summary>
    public const int Ok = 0;

    /// <summary>Done, but what was checked doesn't hold.</summary>
    public const int Violation = 1;

    /// <summary>Not done: wrong arguments, or a file that can't be written.</summary>
    public const int Usage = 2;

    /// <summary>No virtual machine, or none that ended as it should: as env(1) and others say that a command couldn't be run.</summary>
    public const int NoRig = 125;
}
