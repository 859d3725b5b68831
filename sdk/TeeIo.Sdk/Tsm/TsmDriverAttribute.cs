namespace TeeIo.Tsm;

/// <summary>Marks a partial class that fills a generated driver class (<see cref="HostTsmDriver"/>, <see cref="GuestTsmDriver"/> and so on). Ops that it doesn't fill yet are named
/// by a warning at its name (TSM0001) and fail with ENOSYS, so that the rest can be built and tried.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TsmDriverAttribute : Attribute;
