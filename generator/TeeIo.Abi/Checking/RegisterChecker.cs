using System;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Checking;

/// <summary>Checks that the number and version of a register call, and what travels beside them, have room of their own.</summary>
internal static class RegisterChecker
{
    private static readonly BitRange _all = new(63, 0);

    public static void Check(CheckScope scope)
    {
        Framing framing = scope.Spec.Framing;
        BitRange number = framing.SelectorBits ?? _all;
        if (framing.VersionBits is { } version && version.Low <= number.High && number.Low <= version.High)
            scope.Report(AbiRules.OverlappingFields, CheckScope.At("framing", "version-bits"), "version-bits", "selector-bits");
        foreach (string register in framing.FixedRegisters.Select(f => f.Substring(0, f.IndexOf('='))).Where(r => r == framing.SelectorRegister))
            scope.Report(AbiRules.OverlappingFields, CheckScope.At("framing", "fixed", register), register, "selector");
        foreach (Call call in scope.Spec.Calls)
        {
            if (call.Number is { } nr && !Fits(nr, number)) TooBig(call, "nr", nr, "the selector's bits for it");
            if (call.Version > 0 && (framing.VersionBits is not { } bits || !Fits((ulong)call.Version, bits))) TooBig(call, "version", (ulong)call.Version, "the selector's bits for it");
            foreach (Field field in call.Inputs.Where(f => f.Register is { Length: > 0 }))
            {
                if (field.Register == framing.SelectorRegister) Report(call, field, "selector");
                else if (framing.FixedRegisters.Any(f => f.StartsWith(field.Register + "=", StringComparison.Ordinal))) Report(call, field, "fixed");
            }
        }

        void TooBig(Call call, string key, ulong value, string room) => scope.Report(AbiRules.NumberTooBig, CheckScope.At("calls", call.Name, key), CallChecker.Hex(value), room);

        void Report(Call call, Field field, string other) => scope.Report(AbiRules.OverlappingFields, CheckScope.At("calls", call.Name, "in", field.Name, "reg"), field.Name, other);
    }

    private static bool Fits(ulong value, BitRange bits) => bits.Width >= 64 || value >> bits.Width == 0;
}
