namespace TeeIo.Cli.Rig;

/// <summary>The virtual machine can't do what it should: something is missing here, or it ended before its command did. The message says what, and what to do.</summary>
internal sealed class RigException(string message) : Exception(message);
