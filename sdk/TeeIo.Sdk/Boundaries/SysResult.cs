using TeeIo.Linux;

namespace TeeIo.Boundaries;

/// <summary>What a system call or an operation returned: a value of zero or more, or a negated errno, as the kernel returns it.</summary>
/// <param name="Raw">The number itself.</param>
public readonly record struct SysResult(long Raw)
{
    /// <summary>Success without a value.</summary>
    public static SysResult Ok => default;

    /// <summary>Whether the call succeeded.</summary>
    public bool IsOk => Raw >= 0;

    /// <summary>The value of a call that succeeded; 0 for one that failed.</summary>
    public long Value => Raw >= 0 ? Raw : 0;

    /// <summary>The error of a call that failed; <see cref="Errno.Ok"/> for one that succeeded.</summary>
    public Errno Errno => Raw >= 0 ? Errno.Ok : (Errno)(int)-Raw;

    /// <summary>A failure.</summary>
    public static implicit operator SysResult(Errno errno) => new(-(long)(int)errno);

    /// <summary>A success with a value.</summary>
    public static SysResult Of(long value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => IsOk ? Raw.ToString(System.Globalization.CultureInfo.InvariantCulture) : $"-{Errno}";
}
