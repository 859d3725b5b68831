using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>framing</c>.</summary>
internal static class FramingReader
{
    /// <summary>A selector that is no register: each call is an instruction, and its number is the instruction's bytes.</summary>
    private const string Instruction = "instruction";

    public static Framing Read(MapReader spec, AbiKind kind)
    {
        bool frames = kind is not (AbiKind.Ops or AbiKind.Flow or AbiKind.Sysfs);
        if (!frames) return new Framing();
        if (spec.Map("framing") is not { } map)
        {
            if (spec.Has("calls") && !spec.Has("framing")) spec.Missing("framing", "say how its calls travel");
            return new Framing();
        }

        Framing framing = kind switch
        {
            AbiKind.Ioctl => new Framing(IoctlType: IoctlType(map), EncodesSize: map.Flag("encodes-size") ?? false, ReservedErrno: map.Name("reserved-errno")),
            AbiKind.RegisterCall => RegisterCall(map),
            AbiKind.Netlink => Netlink(map),
            AbiKind.Mailbox when map.Has("command") => Command(map),
            AbiKind.Mailbox => new Framing(
                Header: map.Name("header"),
                CodeField: map.Name("code"),
                StatusEnum: map.Name("status-enum"),
                ErrorEnum: map.Name("error-enum"),
                VersionField: map.Name("version-field")),
            _ => new Framing(
                Header: map.Name("header"),
                CodeField: map.Name("code"),
                ErrorRecord: map.Name("error"),
                ErrorField: map.Name("error-field"),
                ErrorEnum: map.Name("error-enum"),
                VersionField: map.Name("version-field"),
                Version: map.Number("version"),
                SizeField: map.Name("size-field")),
        };
        map.Close();
        return framing;
    }

    private static Framing RegisterCall(MapReader map)
    {
        RegisterBlock? block = map.Has("registers") ? RegisterBlockReader.Read(map) : null;
        string? selector = Register(map, "selector", block is not null);
        return new Framing(
            SelectorRegister: selector == Instruction ? null : selector,
            SelectorBits: map.Bits("selector-bits"),
            VersionBits: map.Bits("version-bits"),
            StatusRegister: Register(map, "status", block is not null),
            StatusEnum: map.Name("status-enum"),
            StatusMask: map.Number("status-mask") ?? 0,
            FixedRegisters: block is null ? new(map.Pairs("fixed").Where(p => IsFixed(map, p)).Select(p => $"{p.Name}={p.Text}")) : default,
            Refusals: block is null ? default : RefusalReader.Read(map, block.ValidField is null ? RefusalReader.OfRegisters : RefusalReader.OfPages),
            Registers: block);
    }

    private static Framing Netlink(MapReader map)
    {
        if (!map.Has("attributes")) map.Missing("attributes", "name the enum of the attributes that arguments travel in");
        return new Framing(Family: map.Required("family", "give the family's name"), Version: map.Number("version"), Attributes: map.Name("attributes"));
    }

    private static Framing Command(MapReader map)
    {
        map.Choice("command", "registers");
        if (!map.Has("status-enum")) map.Missing("status-enum", "name the enum of what the status register holds");
        return new Framing(StatusEnum: map.Name("status-enum"), IsCommand: true, Refusals: RefusalReader.Read(map, RefusalReader.OfCommands));
    }

    private static uint? IoctlType(MapReader map)
    {
        string text = map.Required("type", "give the type byte, as a character or a number");
        if (text.Length == 1 && text[0] is > ' ' and < '\x7f' and not (>= '0' and <= '9')) return text[0];
        if (AbiNumber.TryParse(text, out ulong value) && value <= byte.MaxValue) return (uint)value;
        if (text.Length > 0) map.Wrong("type", text, "a type byte: a character (\";\") or a number up to 0xFF");
        return null;
    }

    private static string? Register(MapReader map, string key, bool isOwn)
    {
        if (!map.Has(key))
        {
            map.Take(key);
            map.Missing(key, "name a register");
            return null;
        }

        // Registers of the spec's own are known when its records are.
        if (isOwn) return map.Name(key);
        if (key == "selector" && map.Text(key) == Instruction) return Instruction;
        return map.Text(key, r => Registers.IndexOf(r) >= 0, "a register (rax rcx rdx rbx rsp rbp rsi rdi r8 … r15)");
    }

    private static bool IsFixed(MapReader map, (string Name, string Text, SourceSpan Span) pair)
    {
        if (Registers.IndexOf(pair.Name) >= 0 && AbiNumber.TryParse(pair.Text, out _)) return true;
        map.Bag.Report(AbiRules.WrongValue, pair.Span, $"{pair.Name}: {pair.Text}", "a register and its number");
        return false;
    }
}
