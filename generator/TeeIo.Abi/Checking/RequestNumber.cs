using System;
using TeeIo.Abi.Layout;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Checking;

/// <summary>Linux's ioctl request numbers: the call's number and type byte and, where encoded, direction and size.</summary>
internal static class RequestNumber
{
    private const int TypeShift = 8;
    private const int SizeShift = 16;
    private const int DirectionShift = 30;
    private const int LargestSize = 0x3FFF;
    private static readonly string[] _access = { "none", "w", "r", "rw" };

    /// <summary>What a request number consists of: type, number, size and who moves data. The last two mean something only where the framing encodes the size.</summary>
    public static (uint Type, uint Number, int Size, string Access) Split(uint request) =>
        ((request >> TypeShift) & byte.MaxValue, request & byte.MaxValue, (int)(request >> SizeShift) & LargestSize, _access[request >> DirectionShift]);

    /// <summary>The call with its request number, which must be the stated one if there is one.</summary>
    public static Call Complete(Call call, Framing framing, Func<string, TypeLayout?> typeOf, SourceMap locations, DiagnosticBag bag)
    {
        if (framing.IoctlType is not { } type || call.Number is not { } number) return call;
        if (number > byte.MaxValue)
        {
            bag.Report(
                AbiRules.NumberTooBig, locations.Find("calls", call.Name, "nr"), $"The number of '{call.Name}'", "the eight bits that a request number has for it");
            return call;
        }

        uint request = (type << TypeShift) | (uint)number;
        if (framing.EncodesSize)
        {
            int size = call.Argument is null ? call.ScalarSize : typeOf(call.Argument)?.Size ?? -1;
            if (size < 0) return call;
            uint direction = (uint)Math.Max(0, Array.IndexOf(_access, call.Access));
            if (size > LargestSize)
                bag.Report(
                    AbiRules.NumberTooBig, locations.Find("calls", call.Name, "arg"), $"The size of '{call.Argument}'", "the 14 bits that a request number has for it");
            else if (direction != 0) request |= (direction << DirectionShift) | ((uint)size << SizeShift);
        }

        if (call.Request is { } stated && stated != request)
            bag.Report(AbiRules.MisstatedRequest, locations.Find("calls", call.Name, "request"), call.Name, stated, request);
        return call with { Request = request };
    }
}
