using System.Collections.Generic;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>refusals</c>: the status that a dispatcher answers where no server is asked.</summary>
internal static class RefusalReader
{
    /// <summary>The call is unknown.</summary>
    public const string Command = "command";

    /// <summary>The buffer is shorter than the call's record, or its size field says another size.</summary>
    public const string Length = "length";

    /// <summary>Reserved bits are set.</summary>
    public const string Reserved = "reserved";

    /// <summary>A register that the call needs doesn't count.</summary>
    public const string Missing = "missing";

    public static string[] OfCommands { get; } = { Command, Length, Reserved };

    public static string[] OfRegisters { get; } = { Command, Reserved };

    public static string[] OfPages { get; } = { Command, Reserved, Missing };

    public static EquatableArray<string> Read(MapReader framing, string[] reasons)
    {
        if (framing.Map("refusals") is not { } map)
        {
            if (!framing.Has("refusals")) framing.Missing("refusals", "give the status that answers each of " + string.Join(", ", reasons));
            return default;
        }

        List<string> refusals = new();
        foreach (string reason in reasons)
        {
            string status = map.RequiredName(reason, "name a value of the status enum");
            if (status.Length > 0) refusals.Add($"{reason}={status}");
        }

        map.Close();
        return new(refusals);
    }
}
