namespace TeeIo.Abi.Tool.Output;

/// <summary>How a command writes what it found.</summary>
internal enum OutputFormat
{
    /// <summary>Tables for readers.</summary>
    Text,

    /// <summary>JSON for programs: an object with a list for each table, and in it an object for each row.</summary>
    Json,
}
