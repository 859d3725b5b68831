namespace TeeIo.Abi.Model;

/// <summary>What an op promises and demands.</summary>
/// <param name="Before">State required when it is called: predicates over the flow's state vector, all of which hold; empty for any.</param>
/// <param name="Otherwise">The errno that an op gives in another state than <paramref name="Before"/>.</param>
/// <param name="After">State after success, likewise.</param>
/// <param name="Holds">Locks that the caller holds, outermost first (<c>name.read</c> for a shared hold).</param>
/// <param name="MayTake">Locks that the op may take.</param>
/// <param name="MustNotHold">Locks that must not be held when it is called.</param>
/// <param name="Unwinds">Whether the op may note steps that take back what it did, for when it fails.</param>
/// <param name="Services">Names of the ops interfaces whose services the op may call.</param>
public sealed record Contract(
    EquatableArray<string> Before,
    string Otherwise,
    EquatableArray<string> After,
    bool Unwinds,
    EquatableArray<string> Holds,
    EquatableArray<string> MayTake,
    EquatableArray<string> MustNotHold,
    EquatableArray<string> Services);
