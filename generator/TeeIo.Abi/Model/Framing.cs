namespace TeeIo.Abi.Model;

/// <summary>Facts of the framing that all calls of an interface share. Members that a kind does not use are null.</summary>
/// <param name="IoctlType">ioctl: the type byte.</param>
/// <param name="EncodesSize">ioctl: whether direction and size are part of the request number.</param>
/// <param name="SelectorRegister">register-call: the register that selects the call; null where each call is an instruction of its own.</param>
/// <param name="SelectorBits">register-call: bits of that register that hold the number; null for all.</param>
/// <param name="VersionBits">register-call: bits of that register that hold the version; null where there is none.</param>
/// <param name="StatusRegister">register-call: the register that returns the status.</param>
/// <param name="StatusEnum">register-call, mailbox: the enumeration of status values.</param>
/// <param name="StatusMask">register-call: the bits of the status register that the enumeration describes; 0 means all.</param>
/// <param name="FixedRegisters">register-call: registers that every call sets, as <c>name=value</c>.</param>
/// <param name="Header">message, mailbox: the record that every message or buffer starts with.</param>
/// <param name="CodeField">message, mailbox: the header's field that holds the code of the call.</param>
/// <param name="ErrorRecord">message: the record of the error response.</param>
/// <param name="ErrorField">message: that record's field with the error code.</param>
/// <param name="ErrorEnum">message: the enumeration of error codes.</param>
/// <param name="VersionField">message, mailbox: the header's field that holds the version.</param>
/// <param name="ReservedErrno">ioctl: the errno that refuses a reserved field that isn't zero; null for EINVAL.</param>
/// <param name="IsCommand">mailbox: whether the code, the buffer's address and the status stand in registers beside the buffer.</param>
/// <param name="Refusals">mailbox with commands, register-call with registers of its own: what a dispatcher answers to a call that no server sees, as <c>reason=status</c>.</param>
/// <param name="Registers">register-call: registers that aren't the CPU's general ones.</param>
/// <param name="Version">message: the version that every message of the spec has; netlink: that of the family.</param>
/// <param name="SizeField">message: the header's field that holds the bytes after the header.</param>
/// <param name="Family">netlink: the name of the generic netlink family.</param>
/// <param name="Attributes">netlink: the enumeration of the attributes; each argument has the name of one.</param>
public sealed record Framing(
    uint? IoctlType = null,
    bool EncodesSize = false,
    string? SelectorRegister = null,
    BitRange? SelectorBits = null,
    BitRange? VersionBits = null,
    string? StatusRegister = null,
    string? StatusEnum = null,
    ulong StatusMask = 0,
    EquatableArray<string> FixedRegisters = default,
    string? Header = null,
    string? CodeField = null,
    string? ErrorRecord = null,
    string? ErrorField = null,
    string? ErrorEnum = null,
    string? VersionField = null,
    string? ReservedErrno = null,
    bool IsCommand = false,
    EquatableArray<string> Refusals = default,
    RegisterBlock? Registers = null,
    ulong? Version = null,
    string? SizeField = null,
    string? Family = null,
    string? Attributes = null)
{
    /// <summary>The status that refuses a call for <paramref name="reason"/>, or null where the spec says none.</summary>
    public string? RefusalFor(string reason)
    {
        foreach (string entry in Refusals)
        {
            if (entry.Length > reason.Length && entry[reason.Length] == '=' && entry.StartsWith(reason, System.StringComparison.Ordinal)) return entry.Substring(reason.Length + 1);
        }

        return null;
    }
}
