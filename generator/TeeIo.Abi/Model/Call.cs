namespace TeeIo.Abi.Model;

/// <summary>One call.</summary>
/// <param name="Name">The field's own name (<c>IOMMU_IOAS_MAP</c>, <c>TDG.TDI.RD</c>, <c>bind</c>).</param>
/// <param name="MethodName">Name of the generated method.</param>
/// <param name="Number">The selector; null where it has none (ops) or where it is public nowhere.</param>
/// <param name="IsNumberless">A public operation whose number is public nowhere: dispatched and printed by name, never put on a wire.</param>
/// <param name="Version">register-call: the version in the selector register; 0 by default.</param>
/// <param name="ResponseNumber">message: the code of the response.</param>
/// <param name="On">ioctl: name of the <see cref="CallObject"/>; empty for the only one.</param>
/// <param name="Access">ioctl with encoded size: <c>none</c>, <c>r</c>, <c>w</c> or <c>rw</c>; sysfs: <c>r</c>, <c>w</c> or <c>rw</c>; netlink: <c>do</c>, <c>dump</c> or <c>event</c>.</param>
/// <param name="Request">ioctl: the whole request number that user space passes; null for sub-calls and numberless calls.</param>
/// <param name="ScalarSize">ioctl with encoded size and no record: the size that the request number carries; 0 for none.</param>
/// <param name="SubCallOf">The call that carries this one, or null.</param>
/// <param name="Select">For sub-calls: fields of the carrier's record and the values that select this one, as <c>name=number</c>.</param>
/// <param name="Via">For sub-calls: the field of the carrier's record that points to the argument; null where the argument follows that record in memory.</param>
/// <param name="Argument">Name of the record that goes in (ioctl: in and out; message: the request), or null.</param>
/// <param name="Result">Name of the record that comes back (message, mailbox), or null.</param>
/// <param name="Inputs">Inline inputs: registers, op parameters, or an ioctl's scalar argument.</param>
/// <param name="Outputs">Inline outputs: registers or op results.</param>
/// <param name="Returns">What the call itself returns.</param>
/// <param name="Errors">Errors by name (errno, status or error code) and what they mean here.</param>
/// <param name="Sides">Actors, where they differ from the interface's.</param>
/// <param name="Contract">Ops: states and locks.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
/// <param name="IsOneSided">Whether nobody here serves it: it has a client, and a dispatcher refuses its number as one that it doesn't know.</param>
/// <param name="Path">sysfs: the file.</param>
/// <param name="Allowed">The states in which it works, one entry for each enumeration of states; any state of those that aren't named.</param>
/// <param name="Then">The states after it succeeded; those of enumerations that aren't named stay.</param>
/// <param name="CName">Name in C where it differs; <c>none</c> where it has none.</param>
/// <param name="Replaces">ioctl, in a profile: the call of a base spec whose number this one has instead; null for a call of its own.</param>
public sealed record Call(
    string Name,
    string MethodName,
    ulong? Number,
    bool IsNumberless,
    int Version,
    ulong? ResponseNumber,
    string On,
    string Access,
    uint? Request,
    int ScalarSize,
    string? SubCallOf,
    EquatableArray<string> Select,
    string? Via,
    string? Argument,
    string? Result,
    EquatableArray<Field> Inputs,
    EquatableArray<Field> Outputs,
    CallReturn Returns,
    EquatableArray<CallError> Errors,
    Sides? Sides,
    Contract? Contract,
    Provenance Provenance,
    bool IsOneSided = false,
    string? Path = null,
    EquatableArray<CallStates> Allowed = default,
    EquatableArray<CallStates> Then = default,
    string? CName = null,
    string? Replaces = null);
