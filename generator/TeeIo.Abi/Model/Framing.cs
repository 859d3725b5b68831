namespace TeeIo.Abi.Model;

/// <summary>Facts of the framing that all calls of an interface share. Members that a kind does not use are null.</summary>
/// <param name="IoctlType">ioctl: the type byte.</param>
/// <param name="EncodesSize">ioctl: whether direction and size are part of the request number.</param>
/// <param name="SelectorRegister">register-call: the register that selects the call.</param>
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
/// <param name="VersionField">mailbox: the header's field that holds the version.</param>
/// <param name="ReservedErrno">ioctl: the errno that refuses a reserved field that isn't zero; null for EINVAL.</param>
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
    string? ReservedErrno = null);
