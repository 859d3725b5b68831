using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit.Registers;

/// <summary>How the templates tell the CPU's general registers from those that a spec declares itself.</summary>
internal static class RegisterBlockModel
{
    /// <summary>The type of the registers.</summary>
    public static string TypeOf(EmitContext context) => context.Spec.Framing.Registers is { } block ? context.TypeName(block.Record) : "RegisterFile";

    /// <summary>Who executes the calls.</summary>
    public static string Transport(EmitContext context) => context.Spec.Framing.Registers is null ? "RegisterTransport" : $"RegisterTransport<{TypeOf(context)}>";

    /// <summary>The type of the status.</summary>
    public static string StatusType(EmitContext context) =>
        context.Spec.Framing is { Registers: not null, StatusEnum: { } status } ? context.TypeName(status) : "ulong";

    /// <summary>For the CPU's registers: the one with the status.</summary>
    public static string? StatusPlace(EmitContext context) =>
        context.Spec.Framing.Registers is null ? RegisterArgument.RegisterNamed(context.Spec.Framing.StatusRegister!) : null;

    /// <summary>C# for the places of status, reason and valid bits; null for the CPU's registers.</summary>
    public static string? Layout(EmitContext context)
    {
        Framing framing = context.Spec.Framing;
        if (framing.Registers is not { } block) return null;
        return $"new({IndexOf(context, framing.StatusRegister)}, {IndexOf(context, block.ReasonRegister)}, {IndexOf(context, block.ValidField)})";
    }

    /// <summary>Registers as bits: the n-th is bit n.</summary>
    public static ulong Bits(EmitContext context, params string?[] registers) => registers.Where(r => r is not null).Aggregate(0UL, (m, r) => m | (1UL << IndexOf(context, r)));

    /// <summary>The status that refuses a call for <paramref name="reason"/>, or null.</summary>
    public static string? Refusal(EmitContext context, string reason) =>
        context.Spec.Framing.RefusalFor(reason) is { } status ? $"{StatusType(context)}.{CSharpNames.Value(status)}" : null;

    private static int IndexOf(EmitContext context, string? register)
    {
        if (register is null || context.Spec.Framing.Registers is not { } block) return -1;
        return context.Types[block.Record].Fields.First(f => f.Name == register).Offset / 8;
    }
}
