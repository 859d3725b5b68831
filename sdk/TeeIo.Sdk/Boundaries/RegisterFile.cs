using System.Runtime.CompilerServices;

namespace TeeIo.Boundaries;

/// <summary>The sixteen general-purpose registers of one call, all zero at first.</summary>
[InlineArray(16)]
public struct RegisterFile
{
    private ulong _rax;

    /// <summary>The value of <paramref name="register"/>.</summary>
    public ulong this[Register register]
    {
        readonly get => this[(int)register];
        set => this[(int)register] = value;
    }
}
