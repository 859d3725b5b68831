namespace TeeIo.Cli.Spdm;

/// <summary>What was asked for can't be done; says what to do instead.</summary>
internal sealed class SpdmUsageException(string message) : Exception(message);
