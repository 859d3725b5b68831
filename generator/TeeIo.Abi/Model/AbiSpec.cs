namespace TeeIo.Abi.Model;

/// <summary>One interface: the whole of one <c>*.abi.yaml</c> file.</summary>
/// <param name="Name">The value of <c>abi:</c>, unique among all specs.</param>
/// <param name="Kind">The framing.</param>
/// <param name="Namespace">C# namespace of everything generated from this spec.</param>
/// <param name="Provenance">Doc, source, status and since of the interface as a whole.</param>
/// <param name="Profile">The profile this spec belongs to, or null for the base that every profile shares.</param>
/// <param name="Uses">Names of the specs whose types, calls or rows this one refers to.</param>
/// <param name="Bases">For specs of a profile: base specs of which the profile takes only the calls up to a number.</param>
/// <param name="Sides">Actors on the two sides, where all calls share them.</param>
/// <param name="Framing">Facts of the framing itself (request type, selector register, header record …).</param>
/// <param name="Constants">Named numbers.</param>
/// <param name="Ids">Typed identifiers.</param>
/// <param name="Enums">Enumerations and flag sets.</param>
/// <param name="Records">Structures, messages and buffers.</param>
/// <param name="Objects">For ioctls: the kinds of file descriptor that the calls go to.</param>
/// <param name="Handles">For ops: the objects that are passed.</param>
/// <param name="Locks">For ops: the locks that contracts name, outermost first.</param>
/// <param name="Interfaces">For ops: the operation tables.</param>
/// <param name="Calls">The calls, in file order.</param>
/// <param name="Flow">For flows: actors, effects and rows.</param>
/// <param name="Headers">C headers of user space (<c>linux/iommufd.h</c>) whose names the items have.</param>
/// <param name="Mixes">For specs of a profile: generations that may stand side by side in it.</param>
/// <param name="Sequences">The calls that operations make, in order.</param>
public sealed record AbiSpec(
    string Name,
    AbiKind Kind,
    string Namespace,
    Provenance Provenance,
    string? Profile,
    EquatableArray<string> Uses,
    EquatableArray<ProfileBase> Bases,
    Sides? Sides,
    Framing Framing,
    EquatableArray<Constant> Constants,
    EquatableArray<IdType> Ids,
    EquatableArray<EnumType> Enums,
    EquatableArray<RecordType> Records,
    EquatableArray<CallObject> Objects,
    EquatableArray<HandleType> Handles,
    EquatableArray<LockClass> Locks,
    EquatableArray<OpsInterface> Interfaces,
    EquatableArray<Call> Calls,
    FlowModel? Flow,
    EquatableArray<string> Headers = default,
    EquatableArray<string> Mixes = default,
    EquatableArray<Sequence> Sequences = default);
