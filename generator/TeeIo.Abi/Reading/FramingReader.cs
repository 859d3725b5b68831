using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Reading;

/// <summary>Reads <c>framing</c>.</summary>
internal static class FramingReader
{
    public static Framing Read(MapReader spec, AbiKind kind)
    {
        bool frames = kind is not (AbiKind.Ops or AbiKind.Flow);
        if (!frames) return new Framing();
        if (spec.Map("framing") is not { } map)
        {
            if (spec.Has("calls") && !spec.Has("framing")) spec.Missing("framing", "say how its calls travel");
            return new Framing();
        }

        Framing framing = kind switch
        {
            AbiKind.Ioctl => new Framing(IoctlType: IoctlType(map), EncodesSize: map.Flag("encodes-size") ?? false, ReservedErrno: map.Name("reserved-errno")),
            AbiKind.RegisterCall => new Framing(
                SelectorRegister: Register(map, "selector"),
                SelectorBits: map.Bits("selector-bits"),
                VersionBits: map.Bits("version-bits"),
                StatusRegister: Register(map, "status"),
                StatusEnum: map.Name("status-enum"),
                StatusMask: map.Number("status-mask") ?? 0,
                FixedRegisters: new(map.Pairs("fixed").Where(p => IsFixed(map, p)).Select(p => $"{p.Name}={p.Text}"))),
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
                VersionField: map.Name("version-field")),
        };
        map.Close();
        return framing;
    }

    private static uint? IoctlType(MapReader map)
    {
        string text = map.Required("type", "give the type byte, as a character or a number");
        if (text.Length == 1 && text[0] is > ' ' and < '\x7f' and not (>= '0' and <= '9')) return text[0];
        if (AbiNumber.TryParse(text, out ulong value) && value <= byte.MaxValue) return (uint)value;
        if (text.Length > 0) map.Wrong("type", text, "a type byte: a character (\";\") or a number up to 0xFF");
        return null;
    }

    private static string? Register(MapReader map, string key)
    {
        if (!map.Has(key))
        {
            map.Take(key);
            map.Missing(key, "name a register");
            return null;
        }

        return map.Text(key, r => Registers.IndexOf(r) >= 0, "a register (rax rcx rdx rbx rsp rbp rsi rdi r8 … r15)");
    }

    private static bool IsFixed(MapReader map, (string Name, string Text, SourceSpan Span) pair)
    {
        if (Registers.IndexOf(pair.Name) >= 0 && AbiNumber.TryParse(pair.Text, out _)) return true;
        map.Bag.Report(AbiRules.WrongValue, pair.Span, $"{pair.Name}: {pair.Text}", "a register and its number");
        return false;
    }
}
