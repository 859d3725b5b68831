using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module;

/// <summary>What the module says about a call: the whole status word.</summary>
/// <param name="Word">The word as RAX carries it.</param>
internal readonly record struct Outcome(ulong Word)
{
    public static Outcome Success => default;

    /// <summary>Whether the call did its work and has nothing to add.</summary>
    public bool IsSuccess => Word == 0;

    /// <summary>An operand with a value that isn't permitted.</summary>
    public static Outcome Invalid(TdxOperandId operand) => Of(TdxStatus.OperandInvalid, operand);

    /// <summary>A status that names an operand.</summary>
    public static Outcome Of(TdxStatus status, TdxOperandId operand) => new((ulong)status | (ulong)operand);

    public static implicit operator Outcome(TdxStatus status) => new((ulong)status);

    public static implicit operator ulong(Outcome outcome) => outcome.Word;
}
